#include "converter/reading/log_entry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "common/json/scan.h"
#include "converter/reading/json_cursor.h"
#include "converter/reading/json_text.h"

namespace albicilla {

namespace {

std::optional<int> two_digits(std::string_view text, std::size_t from) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!is_digit(text[from]) || !is_digit(text[from + 1])) return std::nullopt;
  return (text[from] - '0') * 10 + (text[from + 1] - '0');
}

// Microseconds of ".123456"; `length` tells how many characters belong to it.
std::optional<std::int64_t> fraction(std::string_view text, std::size_t& length) {
  length = 0;
  if (text.empty() || text[0] != '.') return 0;
  constexpr std::array<std::int64_t, 7> kUnits = {0, 100000, 10000, 1000, 100, 10, 1};
  std::int64_t digits = 0;  // of the first six
  for (length = 1; length < text.size() && text[length] >= '0' && text[length] <= '9'; ++length) {
    if (length < kUnits.size()) digits = digits * 10 + (text[length] - '0');
  }
  if (length == 1) return std::nullopt;
  return digits * kUnits[std::min(length, kUnits.size()) - 1];
}

// Minutes east of UTC of "Z", "+01:00" or nothing.
std::optional<int> zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = two_digits(text, 1);
  const auto minutes = two_digits(text, 4);
  if (!hours || !minutes) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

template <class Number>
Number number_of(std::string_view raw) {
  Number value{};
  std::from_chars(raw.data(), raw.data() + raw.size(), value);
  return value;
}

// A string value's body, or empty for any other value.
std::string_view body_or_empty(JsonCursor& cursor) {
  RawString text;
  if (cursor.kind() != JsonKind::string) {
    cursor.skip();
    return {};
  }
  return cursor.string(text) ? text.body : std::string_view{};
}

// The string member of `exchange` of this name; null for all others.
std::string_view ExchangeInfo::*text_of(const RawString& key) {
  if (key.is("id")) return &ExchangeInfo::id;
  if (key.is("path")) return &ExchangeInfo::path;
  if (key.is("model")) return &ExchangeInfo::model;
  if (key.is("ending")) return &ExchangeInfo::ending;
  if (key.is("dialect")) return &ExchangeInfo::dialect;
  if (key.is("user_id")) return &ExchangeInfo::user_id;
  return key.is("client_app") ? &ExchangeInfo::client_app : nullptr;
}

ExchangeInfo parse_exchange(JsonCursor& cursor) {
  ExchangeInfo info;
  RawString key;
  std::string_view raw;
  cursor.begin_object();
  while (cursor.next_member(key)) {
    if (const auto text = text_of(key)) {
      info.*text = body_or_empty(cursor);
    } else if (key.is("started_at")) {
      info.started_at = parse_iso8601(body_or_empty(cursor));
    } else if (key.is("seq") && cursor.skip(raw)) {
      info.seq = number_of<std::uint64_t>(raw);
    } else if (key.is("status") && cursor.skip(raw)) {
      info.status = number_of<int>(raw);
    } else if (key.is("truncated") && cursor.skip(raw)) {
      info.truncated = raw != "false" && raw != "null";
    } else if (key.is("usage")) {
      cursor.skip(info.usage);
    } else {
      cursor.skip();
    }
  }
  return info;
}

}  // namespace

std::optional<WallTime> parse_iso8601(std::string_view text) {
  constexpr std::size_t kSeconds = 19;  // characters up to the fraction
  if (text.size() < kSeconds) return std::nullopt;
  bool wrong = text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
               text[13] != ':' || text[16] != ':';
  const auto two_digits_at = [&](std::size_t at) {
    const int tens = text[at] - '0';
    const int ones = text[at + 1] - '0';
    wrong = wrong || tens < 0 || tens > 9 || ones < 0 || ones > 9;
    return tens * 10 + ones;
  };
  const int year = two_digits_at(0) * 100 + two_digits_at(2);
  const int month = two_digits_at(5);
  const int day = two_digits_at(8);
  const int hour = two_digits_at(11);
  const int minute = two_digits_at(14);
  const int second = two_digits_at(17);
  if (wrong) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  std::size_t length = 0;
  const auto micros = fraction(text.substr(kSeconds), length);
  const auto east = zone(text.substr(kSeconds + length));
  if (!micros || !east) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute - *east) + std::chrono::seconds(second) +
         Microseconds(*micros);
}

bool LogEntry::succeeded() const {
  if (!exchange) return !response.text.empty();
  const bool whole = exchange->ending == "complete" || exchange->ending == "client_abort_after_end";
  return whole && exchange->status >= 200 && exchange->status < 300 && !response.text.empty() &&
         !exchange->truncated;
}

Error EntryReader::broken() const {
  if (!is_utf8(line_)) return client_error("not valid UTF-8");
  const char* reason = cursor_.failed() ? cursor_.error() : "text follows the object";
  return client_error("not valid JSON at byte " + std::to_string(cursor_.offset()) + ": " + reason);
}

// Texts that are known were checked when they came for the first time. They begin and end in
// ASCII, so that what lies between them can be checked by itself.
bool EntryReader::is_utf8_text() const {
  const char* from = line_.data();
  const auto check_up_to = [&from](const char* to) {
    return is_utf8({from, static_cast<std::size_t>(to - from)});
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
    entry_.exchange = parse_exchange(cursor_);
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
