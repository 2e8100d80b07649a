// One conversation as it goes into a dataset: its turns with their parts, what the model was told
// and offered, and where all of it comes from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "converter/reading/conversation_tree.h"
#include "converter/reading/items.h"
#include "converter/reading/tools.h"

namespace albicilla {

// What to make of a session's trees.
enum class View : std::uint8_t {
  trajectory,  // each conversation once, from its first item to its last answer
  call,        // each successful exchange exactly as it was sent
  turn,        // each observed answer with what was before it
};

struct Turn {
  Role role = Role::user;
  std::span<const Part> parts;
  RawString name;
  std::uint32_t call_turn = 0;  // tool: the turn that holds the call
  std::uint32_t call = 0;       // tool: its place among that turn's calls
  bool is_error = false;        // tool
  bool observed = false;        // we saw the model produce it
  int weight = 0;               // 1: to be learned
  Hash128 hash;                 // of the conversation up to here
  std::uint32_t place = kNone;  // the exchange that answered with it or showed it first
};

// Where a conversation comes from. Strings are JSON string insides, spelled our way.
struct Provenance {
  std::string id;  // of this conversation, from its content
  std::string session;
  std::string user;
  std::string client;
  std::vector<std::string> models;     // in the order of their first answer
  std::vector<std::string> exchanges;  // ids of those that answered, in order
  WallTime started_at;
  WallTime ended_at;
  Edge edge = Edge::start;
  std::string from;            // id of the exchange that `edge` leads from
  std::string parent_call_id;  // of the call that started this sub-agent
  int status = 0;

  void clear();
};

struct Conversation {
  View view = View::trajectory;
  std::vector<Turn> system;
  std::vector<Turn> turns;
  std::vector<Tool> tools;      // of `tools_text`
  std::string tools_text;       // as they were sent
  std::string_view parameters;  // one JSON object
  std::string_view usage;       // of the last answer, raw
  Provenance provenance;

  // What the spans above point into.
  std::vector<Part> parts;
  LoadedTexts loaded;

  // All but the tools: the next conversation mostly has the same.
  void clear();
  void set_tools(std::string_view raw);
  std::size_t assistant_turns() const;
  std::size_t call_count() const;
};

}  // namespace albicilla
