#include "converter/viewer/line_facts.h"

#include <array>
#include <charconv>
#include <cmath>

#include "converter/reading/json_cursor.h"
#include "converter/reading/json_text.h"
#include "converter/reading/log_entry.h"

namespace albicilla::viewer {
namespace {

constexpr std::array<std::string_view, 5> kRoles = {"system", "user", "assistant", "tool", "other"};

// Takes one value; its text when it is a string, else nothing.
std::string take_text(JsonCursor& cursor) {
  std::string text;
  RawString raw;
  TextRepairs repairs;
  if (cursor.kind() != JsonKind::string) {
    cursor.skip();
  } else if (cursor.string(raw)) {
    append_text(text, raw, repairs);
  }
  return text;
}

// Takes one value; a number multiplied by `unit`, else nothing.
std::optional<std::int64_t> take_number(JsonCursor& cursor, double unit = 1) {
  const bool is_number = cursor.kind() == JsonKind::number;
  std::string_view raw;
  if (!cursor.skip(raw) || !is_number) return std::nullopt;
  double value = 0;
  if (std::from_chars(raw.data(), raw.data() + raw.size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  value *= unit;
  if (!(std::abs(value) < 9e15)) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(value));
}

bool take_flag(JsonCursor& cursor) {
  std::string_view raw;
  return cursor.skip(raw) && raw == "true";
}

// Calls `take(key)` for each member; every call must take exactly one value.
template <class Take>
void each_member(JsonCursor& cursor, Take take) {
  if (cursor.kind() != JsonKind::object) {
    cursor.skip();
    return;
  }
  RawString key;
  cursor.begin_object();
  while (cursor.next_member(key)) take(key);
}

template <class Take>
void each_element(JsonCursor& cursor, Take take) {
  if (cursor.kind() != JsonKind::array) {
    cursor.skip();
    return;
  }
  cursor.begin_array();
  while (cursor.next_element()) take();
}

Role role_of_word(std::string_view word) {
  if (word == "system" || word == "developer") return Role::system;
  if (word == "user") return Role::user;
  if (word == "assistant" || word == "model") return Role::assistant;
  if (word == "tool" || word == "function") return Role::tool;
  return Role::other;
}

// The role of a message or of a Responses item: `role` says it, else `type` does.
Role role_of_message(std::string_view raw) {
  JsonCursor cursor(raw);
  if (cursor.kind() != JsonKind::object) return Role::user;
  std::string_view role;
  std::string_view type;
  RawString key;
  cursor.begin_object();
  while (cursor.next_member(key)) {
    RawString value;
    const bool wanted = (key.is("role") || key.is("type")) && cursor.kind() == JsonKind::string;
    if (!wanted) {
      cursor.skip();
    } else if (cursor.string(value)) {
      (key.is("role") ? role : type) = value.body;
    }
    if (!role.empty()) return role_of_word(role);
  }
  if (type.ends_with("_output")) return Role::tool;
  if (type.ends_with("_call") || type == "reasoning") return Role::assistant;
  return Role::other;
}

void take_message(JsonCursor& cursor, Role role, LineFacts& facts) {
  RawMessage message{role, {}};
  if (cursor.skip(message.raw) && message.raw != "null") facts.messages.push_back(message);
}

void take_messages(JsonCursor& cursor, LineFacts& facts) {
  if (cursor.kind() != JsonKind::array) {
    take_message(cursor, Role::user, facts);
    return;
  }
  each_element(cursor, [&] {
    RawMessage message;
    if (!cursor.skip(message.raw)) return;
    message.role = role_of_message(message.raw);
    facts.messages.push_back(message);
  });
}

void take_request(JsonCursor& cursor, LineFacts& facts) {
  each_member(cursor, [&](const RawString& key) {
    if (key.is("model")) {
      facts.request_model = take_text(cursor);
    } else if (key.is("system") || key.is("instructions")) {
      take_message(cursor, Role::system, facts);
    } else if (key.is("messages") || key.is("input") || key.is("prompt")) {
      take_messages(cursor, facts);
    } else if (key.is("previous_response_id") || key.is("previous_message_id")) {
      facts.previous_id = take_text(cursor);
    } else if (key.is("thread") && cursor.kind() == JsonKind::object) {
      each_member(cursor, [&](const RawString& inner) {
        std::string text = take_text(cursor);
        if (inner.is("previous_message_id")) facts.previous_id = std::move(text);
      });
    } else if (key.is("tools")) {
      each_element(cursor, [&] {
        cursor.skip();
        ++facts.tools;
      });
    } else {
      cursor.skip();
    }
  });
  facts.asked = facts.messages.size();
}

void take_choice(JsonCursor& cursor, LineFacts& facts) {
  each_member(cursor, [&](const RawString& key) {
    if (key.is("message") || key.is("text")) {
      take_message(cursor, Role::assistant, facts);
    } else {
      cursor.skip();
    }
  });
}

// Usage as the answer tells it, for lines without `exchange`.
void take_usage(JsonCursor& cursor, LineFacts& facts) {
  each_member(cursor, [&](const RawString& key) {
    if (key.is("prompt_tokens") || key.is("input_tokens")) {
      facts.input_tokens = take_number(cursor);
    } else if (key.is("completion_tokens") || key.is("output_tokens")) {
      facts.output_tokens = take_number(cursor);
    } else {
      cursor.skip();
    }
  });
}

void take_response(JsonCursor& cursor, LineFacts& facts) {
  facts.has_response = cursor.kind() != JsonKind::null;
  each_member(cursor, [&](const RawString& key) {
    if (key.is("id")) {
      facts.response_id = take_text(cursor);
    } else if (key.is("model")) {
      facts.model = take_text(cursor);
    } else if (key.is("choices")) {
      each_element(cursor, [&] { take_choice(cursor, facts); });
    } else if (key.is("content")) {
      take_message(cursor, Role::assistant, facts);
    } else if (key.is("output")) {
      each_element(cursor, [&] { take_message(cursor, Role::assistant, facts); });
    } else if (key.is("usage")) {
      take_usage(cursor, facts);
    } else if (key.is("error") && cursor.kind() == JsonKind::object) {
      each_member(cursor, [&](const RawString& inner) {
        std::string text = take_text(cursor);
        if (inner.is("message")) facts.error = std::move(text);
      });
    } else {
      cursor.skip();
    }
  });
}

void take_exchange_usage(JsonCursor& cursor, LineFacts& facts) {
  each_member(cursor, [&](const RawString& key) {
    const std::optional<std::int64_t> count = take_number(cursor);
    if (key.is("input_tokens")) facts.input_tokens = count;
    if (key.is("output_tokens")) facts.output_tokens = count;
    if (key.is("cached_tokens")) facts.cached_tokens = count;
    if (key.is("reasoning_tokens")) facts.reasoning_tokens = count;
  });
}

struct TextField {
  std::string_view key;
  std::string LineFacts::*into;
};
constexpr std::array<TextField, 9> kTextFields = {{{"id", &LineFacts::id},
                                                   {"method", &LineFacts::method},
                                                   {"path", &LineFacts::path},
                                                   {"ending", &LineFacts::ending},
                                                   {"dialect", &LineFacts::dialect},
                                                   {"upstream", &LineFacts::upstream},
                                                   {"user_id", &LineFacts::user},
                                                   {"client_app", &LineFacts::client},
                                                   {"model", &LineFacts::model}}};

void take_exchange(JsonCursor& cursor, LineFacts& facts) {
  facts.has_exchange = cursor.kind() == JsonKind::object;
  each_member(cursor, [&](const RawString& key) {
    for (const TextField& field : kTextFields) {
      if (!key.is(field.key)) continue;
      std::string text = take_text(cursor);
      if (!text.empty()) facts.*field.into = std::move(text);
      return;
    }
    if (key.is("started_at")) {
      if (const auto time = parse_iso8601(take_text(cursor))) facts.started_at = *time;
    } else if (key.is("error")) {
      if (std::string text = take_text(cursor); !text.empty()) facts.error = std::move(text);
    } else if (key.is("status")) {
      facts.status = take_number(cursor);
    } else if (key.is("duration_ms")) {
      facts.duration_us = take_number(cursor, 1000);
    } else if (key.is("ttft_ms")) {
      facts.first_byte_us = take_number(cursor, 1000);
    } else if (key.is("streaming")) {
      facts.streaming = take_flag(cursor);
    } else if (key.is("usage")) {
      take_exchange_usage(cursor, facts);
    } else {
      cursor.skip();
    }
  });
}

void take_gap(JsonCursor& cursor, LineFacts& facts) {
  SeqGap gap;
  each_member(cursor, [&](const RawString& key) {
    if (key.is("producer")) {
      gap.producer = take_text(cursor);
    } else if (key.is("from")) {
      gap.from = take_number(cursor).value_or(0);
    } else if (key.is("to")) {
      gap.to = take_number(cursor).value_or(0);
    } else if (key.is("exchanges")) {
      gap.exchanges = take_number(cursor);
    } else if (key.is("cause")) {
      gap.cause = take_text(cursor);
    } else {
      cursor.skip();
    }
  });
  facts.gap = std::move(gap);
}

void take_line(JsonCursor& cursor, LineFacts& facts, bool& timed) {
  each_member(cursor, [&](const RawString& key) {
    if (key.is("timestamp")) {
      const auto time = parse_iso8601(take_text(cursor));
      timed = time.has_value();
      if (time) facts.closed_at = facts.started_at = *time;
    } else if (key.is("session_id")) {
      facts.session = take_text(cursor);
    } else if (key.is("request")) {
      take_request(cursor, facts);
    } else if (key.is("response")) {
      take_response(cursor, facts);
    } else if (key.is("exchange")) {
      take_exchange(cursor, facts);
    } else if (key.is("gap") && cursor.kind() == JsonKind::object) {
      take_gap(cursor, facts);
    } else {
      cursor.skip();
    }
  });
}

}  // namespace

std::string_view to_string(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> role_from(std::string_view word) {
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (kRoles[i] == word) return static_cast<Role>(i);
  }
  return std::nullopt;
}

bool LineFacts::failed() const {
  if (status && *status >= 400) return true;
  if (!ending.empty() && ending != "complete" && ending != "client_abort_after_end") return true;
  return !error.empty();
}

Result<LineFacts> read_line_facts(std::string_view line) {
  LineFacts facts;
  bool timed = false;
  JsonCursor cursor(line);
  if (cursor.kind() != JsonKind::object) return our_error("not a JSON object");
  take_line(cursor, facts, timed);
  if (cursor.failed()) {
    // A request deeper than we walk still has a readable end: the last `exchange` is the line's
    // own, since nothing that a client sent stands behind it.
    const char* reason = cursor.error();
    const std::size_t at = line.rfind(",\"exchange\":{");
    if (at == std::string_view::npos || !timed) return our_error(reason);
    JsonCursor rest(line.substr(at + 12));
    facts.messages.clear();
    facts.asked = 0;
    take_exchange(rest, facts);
    if (rest.failed()) return our_error(reason);
  }
  if (!timed) return our_error("no timestamp");
  if (facts.model.empty()) facts.model = facts.request_model;
  return facts;
}

}  // namespace albicilla::viewer
