#include "tests/support/mock/wording.h"

#include <array>

namespace albicilla::mock {
namespace {

constexpr std::string_view kSentence = "Hello from the mock provider: é, 日本, 🦅.";
constexpr std::array<std::string_view, 6> kWords = {"eagle ", "über ",   "日本 ",
                                                    "🦅 ",  "\"q\"\n", "…"};

std::string marker_text(const Directives& directives) {
  return directives.marker.empty() ? std::string() : "[[marker " + directives.marker + "]] ";
}

std::string letters(std::uint64_t count, std::uint64_t from) {
  std::string text(count, 'a');
  for (std::uint64_t i = 0; i < count; ++i) text[i] = static_cast<char>('a' + (i + from) % 26);
  return text;
}

}  // namespace

std::string plain_text(const Directives& directives) {
  std::string text = marker_text(directives);
  if (directives.body_bytes == 0) {
    text += kSentence;
  } else {
    text += letters(directives.body_bytes, 0);
  }
  return text;
}

std::string stream_word(const Directives& directives, std::uint64_t index) {
  std::string text = index == 0 ? marker_text(directives) : std::string();
  if (directives.event_bytes == 0) {
    text += kWords[index % kWords.size()];
  } else {
    text += letters(directives.event_bytes, index);
  }
  return text;
}

ToolCall tool_call(const Ask& ask, std::size_t index) {
  ToolCall call;
  call.name =
      ask.tool_names.empty() ? "get_weather" : ask.tool_names[index % ask.tool_names.size()];
  call.arguments = "{\"city\":\"Zürich\",\"number\":" + std::to_string(index);
  if (!ask.directives.marker.empty())
    call.arguments += ",\"marker\":\"" + ask.directives.marker + "\"";
  call.arguments += "}";
  return call;
}

}  // namespace albicilla::mock
