#include "tests/support/mock/wording.h"

#include <algorithm>
#include <array>

namespace albicilla::mock {
namespace {

constexpr std::string_view kReasoning = "First I think – then I answer.";
constexpr std::string_view kRefusal = "I'm sorry, I can't help with that.";
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

std::vector<std::string> words_of(const Ask& ask) {
  const Directives& directives = ask.directives;
  std::vector<std::string> words;
  if (!ask.stream) {
    words.push_back(marker_text(directives));
    words[0] +=
        directives.body_bytes == 0 ? std::string(kSentence) : letters(directives.body_bytes, 0);
    return words;
  }
  const std::uint64_t count = std::min(directives.events, directives.error_after.value_or(~0ULL));
  for (std::uint64_t i = 0; i < count; ++i) {
    words.push_back(i == 0 ? marker_text(directives) : std::string());
    words.back() += directives.event_bytes == 0 ? std::string(kWords[i % kWords.size()])
                                                : letters(directives.event_bytes, i);
  }
  return words;
}

// The index-th of the calls that the directives ask for.
ToolCall tool_call(const Ask& ask, std::size_t index) {
  const std::string& marker = ask.directives.marker;
  ToolCall call;
  call.name =
      ask.tool_names.empty() ? "get_weather" : ask.tool_names[index % ask.tool_names.size()];
  call.arguments = "{\"city\":\"Zürich\",\"number\":" + std::to_string(index);
  if (!marker.empty()) call.arguments += ",\"marker\":\"" + marker + "\"";
  call.arguments += "}";
  return call;
}

bool knows_tools(const Ask& ask, const ScriptTurn& turn) {
  return std::all_of(turn.calls.begin(), turn.calls.end(), [&](const ToolCall& call) {
    return std::find(ask.tool_names.begin(), ask.tool_names.end(), call.name) !=
           ask.tool_names.end();
  });
}

}  // namespace

std::string Turn::text() const {
  std::string text;
  for (const std::string& word : words) text += word;
  return text;
}

std::string Turn::sum() const {
  std::string sum = text();
  for (const ToolCall& call : calls) sum += call.arguments;
  return sum;
}

Turn turn_of(const Ask& ask) {
  const Directives& directives = ask.directives;
  Turn turn;
  if (directives.reasoning) turn.reasoning = kReasoning;
  if (directives.refusal) {
    turn.refusal = kRefusal;
    return turn;
  }
  if (!ask.script.script.empty()) {
    ScriptTurn scripted = script_turn(ask.script.script, ask.script.step);
    // Agents also make helper calls (titles, summaries) with the user's text but without its tools.
    if (knows_tools(ask, scripted)) {
      turn.calls = std::move(scripted.calls);
      if (turn.calls.empty()) turn.words = pieces_of(marker_text(directives) + scripted.text, 8);
      return turn;
    }
  }
  if (!ask.answers_results) {
    for (std::size_t i = 0; i < directives.tools; ++i) turn.calls.push_back(tool_call(ask, i));
  }
  if (turn.calls.empty()) {
    turn.words = words_of(ask);
    turn.failed_inside = ask.stream && directives.error_after.has_value();
  }
  return turn;
}

Tokens tokens_of(const Ask& ask, const Turn& turn) {
  Tokens tokens;
  tokens.in = ask.body.size() / 4 + 1;
  tokens.reasoning = turn.reasoning.empty() ? 0 : 7;
  tokens.out = turn.words.size() + turn.calls.size() * 8 + tokens.reasoning + 1;
  return tokens;
}

std::vector<std::string> pieces_of(std::string_view text, std::size_t size) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    std::size_t take = std::min(size, text.size());
    while (take < text.size() && (static_cast<unsigned char>(text[take]) & 0xC0) == 0x80) ++take;
    pieces.emplace_back(text.substr(0, take));
    text.remove_prefix(take);
  }
  return pieces;
}

}  // namespace albicilla::mock
