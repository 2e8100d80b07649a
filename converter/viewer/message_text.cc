#include "converter/viewer/message_text.h"

#include <algorithm>
#include <array>

#include "converter/reading/json_cursor.h"
#include "converter/reading/json_text.h"

namespace albicilla::viewer {
namespace {

// Of a message's own members; what stands inside a call's arguments belongs to the user.
constexpr std::array<std::string_view, 22> kUnspoken = {
    "id",          "type",        "role",          "tool_call_id", "call_id",
    "tool_use_id", "signature",   "object",        "status",       "media_type",
    "format",      "detail",      "cache_control", "data",         "encrypted_content",
    "annotations", "logprobs",    "finish_reason", "phase",        "mime_type",
    "file_id",     "refusal_code"};

constexpr unsigned kMostDepth = 64;

bool is_call(std::string_view type) {
  return type == "tool_use" || type.ends_with("_call") || type == "server_tool_use" ||
         type == "mcp_tool_use";
}

// "reasoning", "reasoning_content", "reasoning_details" and other vendors' names.
bool is_reasoning(std::string_view key) { return key.starts_with("reasoning"); }

// Walks one value. Not a class with state of its own: the cursor holds the place.
class Walk {
 public:
  explicit Walk(MessageText& into) : into_(into) {}

  void value(JsonCursor& cursor, bool inside_call, unsigned depth) {
    if (depth > kMostDepth || into_.spoken.size() + into_.thought.size() > kMostMessageText) {
      cursor.skip();
      return;
    }
    switch (cursor.kind()) {
      case JsonKind::string:
        string(cursor);
        return;
      case JsonKind::object:
        object(cursor, inside_call, depth);
        return;
      case JsonKind::array:
        cursor.begin_array();
        while (cursor.next_element()) value(cursor, inside_call, depth + 1);
        return;
      case JsonKind::number:
        number(cursor, inside_call);
        return;
      default:
        cursor.skip();
    }
  }

 private:
  void object(JsonCursor& cursor, bool inside_call, unsigned depth) {
    RawString key;
    cursor.begin_object();
    while (cursor.next_member(key)) {
      if (inside_call) {
        value(cursor, true, depth + 1);
      } else if (key.is("arguments") && cursor.kind() == JsonKind::string) {
        arguments(cursor, depth);
      } else if (key.is("arguments") || key.is("input")) {
        if (in_calls_) ++into_.calls;
        value(cursor, true, depth + 1);
      } else if (key.is("type")) {
        type(cursor);
      } else if (std::find(kUnspoken.begin(), kUnspoken.end(), key.body) != kUnspoken.end()) {
        cursor.skip();
      } else {
        const bool calls_before = in_calls_;
        const bool thinks_before = thinks_;
        in_calls_ = in_calls_ || key.is("tool_calls") || key.is("function_call");
        thinks_ = thinks_ || key.is("thinking") || key.is("summary") || is_reasoning(key.body);
        value(cursor, false, depth + 1);
        in_calls_ = calls_before;
        thinks_ = thinks_before;
      }
    }
  }

  void type(JsonCursor& cursor) {
    RawString raw;
    if (cursor.kind() != JsonKind::string) {
      cursor.skip();
    } else if (cursor.string(raw) && !in_calls_ && is_call(raw.body)) {
      ++into_.calls;
    }
  }

  // Chat's arguments are JSON inside a string: the same words whatever their spacing.
  void arguments(JsonCursor& cursor, unsigned depth) {
    RawString raw;
    if (!cursor.string(raw)) return;
    if (in_calls_) ++into_.calls;
    std::string text;
    TextRepairs repairs;
    append_text(text, raw, repairs);
    JsonCursor inner(text);
    std::string_view whole;
    if (!inner.skip(whole) || !inner.at_end()) {
      add(text);
      return;
    }
    JsonCursor again(text);
    value(again, true, depth + 1);
  }

  void string(JsonCursor& cursor) {
    RawString raw;
    if (!cursor.string(raw) || raw.body.starts_with("data:")) return;
    TextRepairs repairs;
    std::string& into = thinks_ ? into_.thought : into_.spoken;
    append_text(into, raw, repairs);
    into += '\n';
  }

  void number(JsonCursor& cursor, bool inside_call) {
    std::string_view raw;
    if (cursor.skip(raw) && inside_call) add(raw);
  }

  void add(std::string_view text) {
    into_.spoken += text;
    into_.spoken += '\n';
  }

  MessageText& into_;
  bool in_calls_ = false;
  bool thinks_ = false;
};

// Takes `<name …>…</name>` off the front; false when the text does not start with such a block.
bool drop_block(std::string_view& text) {
  if (text.size() < 3 || text[0] != '<') return false;
  std::size_t end = 1;
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  while (end < text.size() && in_name(text[end])) ++end;
  if (end == 1) return false;
  const std::string close = "</" + std::string(text.substr(1, end - 1)) + ">";
  const std::size_t at = text.find(close);
  if (at == std::string_view::npos) return false;
  text.remove_prefix(at + close.size());
  return true;
}

}  // namespace

MessageText read_message_text(std::string_view raw) {
  MessageText message;
  JsonCursor cursor(raw);
  Walk(message).value(cursor, false, 0);
  if (message.spoken.size() > kMostMessageText) message.spoken.resize(kMostMessageText);
  if (message.thought.size() > kMostMessageText) message.thought.resize(kMostMessageText);
  return message;
}

std::string first_words(std::string_view text, std::size_t most) {
  for (;;) {
    text = strip_space(text);
    if (!drop_block(text)) break;
  }
  std::string words;
  words.reserve(std::min(most + 1, text.size()));
  while (!text.empty() && words.size() < most) {
    std::size_t run = 0;
    while (run < text.size() && static_cast<unsigned char>(text[run]) > ' ') ++run;
    if (run > 0 && !words.empty()) words += ' ';
    words += text.substr(0, std::min(run, most));
    text.remove_prefix(std::min(run + 1, text.size()));
  }
  if (words.size() > most) words.resize(most);
  // Not in the middle of a character.
  std::size_t tail = words.size();
  while (tail > 0 && (static_cast<unsigned char>(words[tail - 1]) & 0xC0) == 0x80) --tail;
  if (tail > 0) {
    const auto lead = static_cast<unsigned char>(words[tail - 1]);
    const std::size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (words.size() - (tail - 1) < need) words.resize(tail - 1);
  }
  return words;
}

}  // namespace albicilla::viewer
