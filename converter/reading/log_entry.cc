#include "converter/reading/log_entry.h"

#include <charconv>

#include "converter/reading/json_cursor.h"
#include "converter/reading/json_text.h"

namespace albicilla {

namespace {

std::optional<int> digits(std::string_view text, std::size_t from, std::size_t count) {
  if (text.size() < from + count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(from, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Microseconds of ".123456"; `length` tells how many characters belong to it.
std::optional<std::int64_t> fraction(std::string_view text, std::size_t& length) {
  length = 0;
  if (text.empty() || text[0] != '.') return 0;
  std::int64_t micros = 0;
  std::int64_t unit = 100000;
  for (length = 1; length < text.size() && text[length] >= '0' && text[length] <= '9'; ++length) {
    micros += unit * (text[length] - '0');
    unit /= 10;
  }
  if (length == 1) return std::nullopt;
  return micros;
}

// Minutes east of UTC of "Z", "+01:00" or nothing.
std::optional<int> zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = digits(text, 1, 2);
  const auto minutes = digits(text, 4, 2);
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

ExchangeInfo parse_exchange(JsonCursor& cursor) {
  ExchangeInfo info;
  RawString key;
  std::string_view raw;
  cursor.begin_object();
  while (cursor.next_member(key)) {
    if (key.is("id")) {
      info.id = body_or_empty(cursor);
    } else if (key.is("dialect")) {
      info.dialect = body_or_empty(cursor);
    } else if (key.is("path")) {
      info.path = body_or_empty(cursor);
    } else if (key.is("ending")) {
      info.ending = body_or_empty(cursor);
    } else if (key.is("started_at")) {
      info.started_at = parse_iso8601(body_or_empty(cursor));
    } else if (key.is("seq") && cursor.skip(raw)) {
      info.seq = number_of<std::uint64_t>(raw);
    } else if (key.is("status") && cursor.skip(raw)) {
      info.status = number_of<int>(raw);
    } else if (key.is("truncated") && cursor.skip(raw)) {
      info.truncated = raw != "false" && raw != "null";
    } else {
      cursor.skip();
    }
  }
  return info;
}

struct Envelope {
  LogEntry entry;
  std::optional<RawString> timestamp;
  std::optional<RawString> session_id;
  const char* wrong = nullptr;  // the first member that has the wrong type
};

void parse_member(JsonCursor& cursor, const RawString& key, Envelope& envelope) {
  const auto text = [&](std::optional<RawString>& into, const char* wrong) {
    RawString value;
    if (cursor.kind() != JsonKind::string) {
      envelope.wrong = wrong;
      cursor.skip();
    } else if (cursor.string(value)) {
      into = value;
    }
  };
  if (key.is("timestamp")) {
    text(envelope.timestamp, "timestamp is not a string");
  } else if (key.is("session_id")) {
    text(envelope.session_id, "session_id is not a string");
  } else if (key.is("request")) {
    cursor.skip(envelope.entry.request);
  } else if (key.is("response")) {
    cursor.skip(envelope.entry.response);
  } else if (key.is("exchange") && cursor.kind() == JsonKind::object) {
    envelope.entry.exchange = parse_exchange(cursor);
  } else {
    cursor.skip();
  }
}

}  // namespace

std::optional<WallTime> parse_iso8601(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::size_t length = 0;
  const auto micros = fraction(text.substr(19), length);
  const auto east = zone(text.substr(19 + length));
  if (!micros || !east) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute - *east) + std::chrono::seconds(*second) +
         Microseconds(*micros);
}

bool LogEntry::succeeded() const {
  if (!exchange) return !response.empty();
  const bool whole = exchange->ending == "complete" || exchange->ending == "client_abort_after_end";
  return whole && exchange->status >= 200 && exchange->status < 300 && !response.empty() &&
         !exchange->truncated;
}

Result<LogEntry> parse_log_entry(std::string_view line) {
  if (!is_utf8(line)) return client_error("not valid UTF-8");
  Envelope envelope;
  JsonCursor cursor(line);
  RawString key;
  if (cursor.begin_object()) {
    while (cursor.next_member(key)) parse_member(cursor, key, envelope);
  }
  if (!cursor.at_end()) {
    const char* reason = cursor.failed() ? cursor.error() : "text follows the object";
    return client_error("not valid JSON at byte " + std::to_string(cursor.offset()) + ": " +
                        reason);
  }
  if (envelope.wrong != nullptr) return client_error(envelope.wrong);
  if (!envelope.session_id) return client_error("no session_id");
  if (!envelope.timestamp) return client_error("no timestamp");
  const auto time = parse_iso8601(envelope.timestamp->body);
  if (!time) return client_error("timestamp is not an ISO 8601 time");
  if (envelope.entry.request.empty()) return client_error("no request");
  if (envelope.entry.response == "null") envelope.entry.response = {};
  TextRepairs repairs;
  envelope.entry.timestamp = *time;
  append_text(envelope.entry.session_id, *envelope.session_id, repairs);
  return std::move(envelope.entry);
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
