#include "converter/conversation_text.h"

#include "converter/format/calls.h"
#include "converter/reading/json_text.h"

namespace albicilla {

std::string conversation_text(const Conversation& conversation) {
  TextRepairs repairs;
  std::string text;
  for (const std::vector<Turn>* turns : {&conversation.system, &conversation.turns}) {
    for (const Turn& turn : *turns) {
      for (const Part& part : turn.parts) {
        if (part.kind == PartKind::call) {
          append_text(text, part.name, repairs);
          text += arguments_json(part);
        } else if (part.kind != PartKind::image && part.kind != PartKind::media) {
          append_text(text, part.text, repairs);
        }
        text.push_back('\n');
      }
    }
  }
  return text;
}

}  // namespace albicilla
