// Reads the journals of load client and mock provider for the oracle.
#include <simdjson.h>

#include <fstream>

#include "tests/fault/oracle.h"

namespace albicilla::fault {
namespace {

namespace dom = simdjson::dom;

std::string text_of(const dom::element& entry, std::string_view name) {
  std::string_view value;
  return entry[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

std::uint64_t number_of(const dom::element& entry, std::string_view name) {
  std::uint64_t value = 0;
  return entry[name].get(value) == simdjson::SUCCESS ? value : 0;
}

bool truth_of(const dom::element& entry, std::string_view name) {
  bool value = false;
  return entry[name].get(value) == simdjson::SUCCESS && value;
}

support::Timeline timeline_of(const dom::element& entry) {
  support::Timeline timeline;
  dom::array moments;
  if (entry["timeline"].get(moments) != simdjson::SUCCESS) return timeline;
  for (const dom::element moment : moments) {
    std::uint64_t when = 0;
    std::uint64_t bytes = 0;
    if (moment.at(0).get(when) != simdjson::SUCCESS) continue;
    if (moment.at(1).get(bytes) != simdjson::SUCCESS) continue;
    timeline.push_back({std::chrono::microseconds(when), bytes});
  }
  return timeline;
}

// Calls `take` with each line; a last line without its end (a journal still being written) is not
// taken.
template <class Take>
void for_each_line(const std::string& path, Take take) {
  std::ifstream file(path, std::ios::binary);
  dom::parser parser;
  std::string line;
  while (std::getline(file, line) && !file.eof()) {
    dom::element entry;
    if (parser.parse(line).get(entry) == simdjson::SUCCESS) take(entry);
  }
}

}  // namespace

std::vector<ClientEvidence> read_client_journal(const std::string& path) {
  std::vector<ClientEvidence> entries;
  for_each_line(path, [&](const dom::element& line) {
    ClientEvidence entry;
    entry.marker = text_of(line, "marker");
    entry.status = number_of(line, "status");
    entry.sent = truth_of(line, "sent");
    entry.complete = truth_of(line, "complete");
    entry.refused = truth_of(line, "refused");
    entry.request_sha256 = text_of(line, "request_sha256");
    entry.response_bytes = number_of(line, "response_bytes");
    entry.response_sha256 = text_of(line, "response_sha256");
    entry.session = text_of(line, "session");
    entry.timeline = timeline_of(line);
    entries.push_back(std::move(entry));
  });
  return entries;
}

std::vector<ProviderEvidence> read_provider_journal(const std::string& path) {
  std::vector<ProviderEvidence> entries;
  for_each_line(path, [&](const dom::element& line) {
    ProviderEvidence entry;
    entry.marker = text_of(line, "marker");
    entry.status = number_of(line, "status");
    entry.stream = truth_of(line, "stream");
    entry.request_sha256 = text_of(line, "request_sha256");
    entry.response_bytes = number_of(line, "response_bytes");
    entry.response_sha256 = text_of(line, "response_sha256");
    entry.text_sha256 = text_of(line, "text_sha256");
    entry.ending = text_of(line, "ending");
    entry.said_all = truth_of(line, "said_all");
    entry.timeline = timeline_of(line);
    entries.push_back(std::move(entry));
  });
  return entries;
}

}  // namespace albicilla::fault
