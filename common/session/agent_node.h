// Where in a tree of agents a request stands, as coding agents say in headers: Claude Code names
// the sub-agent and the one that started it, Codex and opencode the session that began this one.
// With it the sessions of one run know their parents. Pure.
#pragma once

#include <string_view>

#include "common/http/headers.h"

namespace albicilla {

// Views into the headers; empty where nothing is said.
struct AgentNode {
  std::string_view id;              // of the sub-agent within its session
  std::string_view parent_id;       // of the agent that started it; empty: the session's own
  std::string_view parent_session;  // the session that this one was started from
  std::string_view kind;            // what the sub-agent is for: "review" ...

  // False for the agent that the user speaks to.
  bool is_sub_agent() const {
    return !id.empty() || !parent_id.empty() || !parent_session.empty() || !kind.empty();
  }
  bool operator==(const AgentNode&) const = default;
};

AgentNode agent_node(const Headers& headers);

}  // namespace albicilla
