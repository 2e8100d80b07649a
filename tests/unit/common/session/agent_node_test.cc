#include "common/session/agent_node.h"

#include <string>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(AgentNode, KnowsTheParentsThatCodingAgentsName) {
  const Headers claude = {{"X-Claude-Code-Session-Id", "s"},
                          {"X-Claude-Code-Agent-Id", "a-2"},
                          {"X-Claude-Code-Parent-Agent-Id", "a-1"}};
  EXPECT_EQ(agent_node(claude), (AgentNode{"a-2", "a-1", "", ""}));
  const Headers codex = {{"session_id", "child"},
                         {"x-codex-parent-thread-id", "root"},
                         {"x-openai-subagent", "review"}};
  EXPECT_EQ(agent_node(codex), (AgentNode{"", "", "root", "review"}));
  EXPECT_TRUE(agent_node(codex).is_sub_agent());
}

TEST(AgentNode, IsNoSubAgentWithoutAWordOfIt) {
  EXPECT_FALSE(agent_node({{"x-claude-code-session-id", "s"}}).is_sub_agent());
  EXPECT_FALSE(agent_node({{"x-claude-code-agent-id", ""}}).is_sub_agent());
  const Headers endless = {{"x-claude-code-agent-id", std::string(10'000, 'a')}};
  EXPECT_FALSE(agent_node(endless).is_sub_agent());
}

}  // namespace
}  // namespace albicilla
