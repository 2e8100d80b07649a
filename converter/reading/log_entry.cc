#include "converter/reading/log_entry.h"

#include <utility>

#include "common/json/scan.h"
#include "converter/reading/json_cursor.h"
#include "converter/reading/json_text.h"

namespace albicilla {

bool LogEntry::succeeded() const {
  if (!exchange) return !response.text.empty();
  const bool whole = exchange->ending == "complete" || exchange->ending == "client_abort_after_end";
  return whole && exchange->status >= 200 && exchange->status < 300 && !response.text.empty() &&
         !exchange->truncated;
}

Error EntryReader::broken() const {
  if (!is_utf8_in_bulk(line_)) return client_error("not valid UTF-8");
  const char* reason = cursor_.failed() ? cursor_.error() : "text follows the object";
  return client_error("not valid JSON at byte " + std::to_string(cursor_.offset()) + ": " + reason);
}

// Texts that are known were checked when they came for the first time. They begin and end in
// ASCII, so that what lies between them can be checked by itself.
bool EntryReader::is_utf8_text() const {
  const char* from = line_.data();
  const auto check_up_to = [&from](const char* to) {
    return is_utf8_in_bulk({from, static_cast<std::size_t>(to - from)});
  };
  for (const std::string_view known : entry_.request.known_texts) {
    if (!check_up_to(known.data())) return false;
    from = known.data() + known.size();
  }
  return check_up_to(line_.data() + line_.size());
}

void EntryReader::text_member(std::optional<RawString>& into, const char* wrong) {
  RawString value;
  if (cursor_.kind() != JsonKind::string) {
    if (wrong_ == nullptr) wrong_ = wrong;
    cursor_.skip();
  } else if (cursor_.string(value)) {
    into = value;
  }
}

// False at the request's value, which is left for finish().
bool EntryReader::member(const RawString& key, LikelyTexts& likely) {
  if (key.is("timestamp")) {
    text_member(timestamp_, "timestamp is not a string");
  } else if (key.is("session_id")) {
    text_member(raw_session_id_, "session_id is not a string");
  } else if (key.is("request")) {
    if (!std::exchange(at_request_, true)) return false;
    has_request_ = slice_request(cursor_, likely, entry_.request);
  } else if (key.is("response")) {
    slice_members(cursor_, entry_.response);
  } else if (key.is("exchange") && cursor_.kind() == JsonKind::object) {
    entry_.exchange = exchanges_.read(cursor_);
  } else {
    cursor_.skip();
  }
  return true;
}

Status EntryReader::begin(std::string_view line) {
  line_ = line;
  cursor_ = JsonCursor(line);
  strings_.clear();
  cursor_.learn(strings_);
  entry_.known = {line.data(), &strings_};
  entry_.session_id.clear();
  entry_.request.clear();
  entry_.response.clear();
  entry_.exchange.reset();
  timestamp_.reset();
  raw_session_id_.reset();
  at_request_ = has_request_ = false;
  wrong_ = nullptr;
  NoLikelyTexts nothing;
  RawString key;
  if (cursor_.begin_object()) {
    while (cursor_.next_member(key) && member(key, nothing)) {
    }
  }
  if (cursor_.failed()) return broken();
  TextRepairs repairs;
  if (raw_session_id_) append_text(entry_.session_id, *raw_session_id_, repairs);
  return {};
}

Result<const LogEntry*> EntryReader::finish(LikelyTexts& likely) {
  if (at_request_) {
    has_request_ = slice_request(cursor_, likely, entry_.request);
    RawString key;
    while (cursor_.next_member(key)) member(key, likely);
  }
  if (!cursor_.at_end() || !is_utf8_text()) return broken();
  if (wrong_ != nullptr) return client_error(wrong_);
  if (!raw_session_id_) return client_error("no session_id");
  if (!timestamp_) return client_error("no timestamp");
  const auto time = parse_iso8601(timestamp_->body);
  if (!time) return client_error("timestamp is not an ISO 8601 time");
  if (!has_request_) return client_error("no request");
  if (entry_.response.text == "null") entry_.response.clear();
  entry_.timestamp = *time;
  if (entry_.session_id.empty()) {
    TextRepairs repairs;
    append_text(entry_.session_id, *raw_session_id_, repairs);
  }
  return &entry_;
}

bool leading_session_id(std::string_view line, std::string& session) {
  JsonCursor cursor(line);
  RawString key;
  if (cursor.kind() != JsonKind::object || !cursor.begin_object()) return false;
  while (cursor.next_member(key)) {
    if (key.is("session_id")) {
      RawString text;
      if (cursor.kind() != JsonKind::string || !cursor.string(text)) return false;
      TextRepairs repairs;
      session.clear();
      append_text(session, text, repairs);
      return true;
    }
    if (key.is("request") || !cursor.skip()) return false;
  }
  return false;
}

bool is_other_layout(std::string_view line) {
  JsonCursor cursor(line);
  RawString key;
  bool session = false;
  bool event = false;
  bool direction = false;
  bool http_request = false;
  if (!cursor.begin_object()) return false;
  while (cursor.next_member(key)) {
    session = session || key.is("session_id");
    event = event || key.is("request_id");
    direction = direction || key.is("direction");
    if (key.is("request") && cursor.kind() == JsonKind::object && cursor.begin_object()) {
      bool method = false;
      bool body = false;
      while (cursor.next_member(key)) {
        method = method || key.is("method");
        body = body || key.is("body");
        cursor.skip();
      }
      http_request = method && body;
    } else {
      cursor.skip();
    }
  }
  return cursor.at_end() && !session && (event || direction || http_request);
}

}  // namespace albicilla
