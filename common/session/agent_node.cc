#include "common/session/agent_node.h"

#include <initializer_list>

namespace albicilla {

namespace {

// Foreign text that becomes a name: longer is none.
constexpr std::size_t kMostBytes = 512;

std::string_view first_of(const Headers& headers, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string_view value = find_header(headers, name).value_or("");
    if (!value.empty() && value.size() <= kMostBytes) return value;
  }
  return {};
}

}  // namespace

AgentNode agent_node(const Headers& headers) {
  AgentNode node;
  node.id = first_of(headers, {"x-claude-code-agent-id"});
  node.parent_id = first_of(headers, {"x-claude-code-parent-agent-id"});
  node.parent_session = first_of(headers, {"x-codex-parent-thread-id", "x-parent-session-id",
                                           "x-claude-code-parent-session-id"});
  node.kind = first_of(headers, {"x-openai-subagent"});
  return node;
}

}  // namespace albicilla
