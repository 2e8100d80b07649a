// The turns of a conversation as every API shape writes them (`messages`, `input`, `choices`,
// `content`, `output`), reduced to what stays the same when a client sends them back. Pure; walks
// the JSON without building anything.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace albicilla {

enum class TurnRole { user, tool, model };

struct Turn {
  TurnRole role = TurnRole::user;
  std::string text;   // its texts, one after another
  std::string other;  // calls, images: names and minified JSON
};

using VisitTurn = std::function<void(const Turn&)>;

// In their order; system and developer messages are attributes of a request, not turns.
void visit_request_turns(std::string_view request, const VisitTurn& visit);
// Of the first choice. A model's turn that has nothing in it is not visited.
void visit_answer_turns(std::string_view answer, const VisitTurn& visit);

}  // namespace albicilla
