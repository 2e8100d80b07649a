// What a generating call asks for: the few fields of its JSON that shape the mock's answer, with
// the directives that came along. Reads chat completions, Anthropic messages and OpenAI responses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/support/mock/directives.h"
#include "tests/support/mock/request.h"

namespace albicilla::mock {

// Where a scripted conversation stands.
struct ScriptState {
  std::string script;
  std::size_t step = 0;                 // turns with calls since the message that holds the script
  std::vector<std::string> tool_names;  // a continued conversation does not repeat them
};

// Conversations that are continued by the id of an earlier answer. Bounded: forgets all when full.
class Threads {
 public:
  void remember(const std::string& answer_id, const ScriptState& state);
  const ScriptState* find(const std::string& answer_id) const;

 private:
  std::unordered_map<std::string, ScriptState> states_;
};

struct Ask {
  Directives directives;
  std::string model;  // as sent; empty when the body names none
  bool stream = false;
  bool include_usage = false;
  bool thinking = false;         // Anthropic's switch
  bool answers_results = false;  // the conversation ends in results of tools
  std::vector<std::string> tool_names;
  std::string tools_json = "[]";  // as sent, for APIs that repeat it
  ScriptState script;             // empty script: none
  std::string previous_id;        // of the answer that is continued
  std::string decoded_body;       // when the body came compressed
  std::string_view body;          // the JSON itself: the request's or decoded_body
  bool readable = false;          // the body is a JSON object
  std::string fault;              // a directive that is not known, empty when all are
};

// Reads the directives from header, body and model, and the fields when the body is a JSON object.
// The ask refers to the request.
void read_ask(const Request& request, const Threads& threads, Ask& ask);

// The same for a JSON text that came without a request of its own. `json` must outlive the ask.
void read_json_ask(std::string_view json, const Threads& threads, Ask& ask);

}  // namespace albicilla::mock
