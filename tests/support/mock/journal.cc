#include "tests/support/mock/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <iostream>

#include "tests/support/json_text.h"

namespace albicilla::mock {
namespace {

void add_text(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  support::append_json_string(out, value);
}

void add_number(std::string& out, std::string_view name, std::uint64_t value) {
  out += ",\"";
  out += name;
  out += "\":";
  out += std::to_string(value);
}

void add_fields(std::string& out, std::string_view name, const JournalFields& fields) {
  out += ",\"";
  out += name;
  out += "\":[";
  for (const auto& [field, value] : fields) {
    out += out.back() == '[' ? "[" : ",[";
    support::append_json_string(out, field);
    out += ',';
    support::append_json_string(out, value);
    out += ']';
  }
  out += ']';
}

}  // namespace

Journal::Journal(const std::string& path) {
  if (path.empty()) return;
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) std::cerr << "mock-provider: cannot open journal " << path << "\n";
}

Journal::~Journal() {
  flush();
  if (fd_ >= 0) close(fd_);
}

void Journal::add(const JournalEntry& entry) {
  if (!enabled()) return;
  waiting_ += "{\"marker\":";
  support::append_json_string(waiting_, entry.marker);
  add_text(waiting_, "method", entry.method);
  add_text(waiting_, "target", entry.target);
  add_number(waiting_, "request_bytes", entry.request_bytes);
  add_text(waiting_, "request_sha256", entry.request_sha256);
  add_number(waiting_, "status", entry.status);
  waiting_ += entry.stream ? ",\"stream\":true" : ",\"stream\":false";
  add_number(waiting_, "units", entry.units);
  add_number(waiting_, "response_bytes", entry.response_bytes);
  add_text(waiting_, "response_sha256", entry.response_sha256);
  add_text(waiting_, "text_sha256", entry.text_sha256);
  add_fields(waiting_, "request_fields", entry.request_fields);
  add_fields(waiting_, "response_fields", entry.response_fields);
  waiting_ += ",\"timeline\":" + support::timeline_json(entry.timeline);
  waiting_ += entry.said_all ? ",\"said_all\":true" : ",\"said_all\":false";
  add_text(waiting_, "ending", entry.ending);
  waiting_ += "}\n";
}

void Journal::flush() {
  std::string_view left = waiting_;
  while (!left.empty()) {
    const ssize_t written = write(fd_, left.data(), left.size());
    if (written <= 0) {
      std::cerr << "mock-provider: journal write failed\n";
      break;
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  waiting_.clear();
}

}  // namespace albicilla::mock
