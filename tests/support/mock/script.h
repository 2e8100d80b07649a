// A scripted conversation for agents that run tools: the user's text holds the steps, the mock
// plays the model's turns one after the other. Stateless: the step follows from the conversation
// itself.
//
//   [[script Bash {"command":"echo 1 > a"} ;; Read {"file_path":"a"} || Bash {"command":"id"} ;;
//   say Done]]
//
// `;;` separates turns, `||` parallel calls of one turn, `say` ends the work with a text. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace albicilla::mock {

struct ToolCall {
  std::string name;
  std::string arguments;  // JSON text
};

struct ScriptTurn {
  std::vector<ToolCall> calls;  // empty: the turn is a text
  std::string text;
};

// What stands between "[[script " and "]]" in a user's text, empty when nothing does.
std::string_view script_in(std::string_view text);

// The turn for a step; past the end the last text again, or "Done.".
ScriptTurn script_turn(std::string_view script, std::size_t step);

}  // namespace albicilla::mock
