#include "tests/support/mock/script.h"

namespace albicilla::mock {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view between) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(between);
    parts.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + between.size());
  }
}

ScriptTurn parse_turn(std::string_view text) {
  constexpr std::string_view kSay = "say ";
  ScriptTurn turn;
  if (text.starts_with(kSay)) {
    turn.text = trim(text.substr(kSay.size()));
    return turn;
  }
  for (const std::string_view call : split(text, "||")) {
    const std::size_t blank = call.find_first_of(" {");
    if (blank == std::string_view::npos) continue;
    turn.calls.push_back(
        {std::string(call.substr(0, blank)), std::string(trim(call.substr(blank)))});
  }
  return turn;
}

}  // namespace

std::string_view script_in(std::string_view text) {
  constexpr std::string_view kOpening = "[[script ";
  const std::size_t at = text.rfind(kOpening);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + kOpening.size());
  // Arrays in arguments may hold "]]" too; the script ends at the last one.
  const std::size_t end = text.rfind("]]");
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

ScriptTurn script_turn(std::string_view script, std::size_t step) {
  const auto turns = split(script, ";;");
  if (step < turns.size()) return parse_turn(turns[step]);
  ScriptTurn last = parse_turn(turns.back());
  if (!last.calls.empty()) last = {};
  if (last.text.empty()) last.text = "Done.";
  return last;
}

}  // namespace albicilla::mock
