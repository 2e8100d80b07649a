#include "proxy/traffic/client_app.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace albicilla {
namespace {

constexpr std::size_t kMostBytes = 64;

struct KnownAgent {
  std::string_view begins;
  std::string_view app;
};

constexpr std::array<KnownAgent, 9> kKnownAgents{{
    {"claude-cli/", "claude-code"},
    {"claude-code/", "claude-code"},
    {"codex_cli_rs/", "codex"},
    {"codex_exec/", "codex"},
    {"OpenAI/Python", "openai-python"},
    {"OpenAI/JS", "openai-node"},
    {"Anthropic/Python", "anthropic-python"},
    {"Anthropic/JS", "anthropic-node"},
    {"opencode/", "opencode"},
}};

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && same_name(text.substr(0, prefix.size()), prefix);
}

bool is_product_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

}  // namespace

std::string client_app_of(const Headers& headers) {
  if (const auto said = find_header(headers, "x-client-app"); said && !said->empty()) {
    return std::string(said->substr(0, kMostBytes));
  }
  const auto agent = find_header(headers, "user-agent");
  if (!agent) return "unknown";
  for (const KnownAgent& known : kKnownAgents) {
    if (begins_with(*agent, known.begins)) return std::string(known.app);
  }
  const auto* end = std::find_if_not(agent->begin(), agent->end(), is_product_char);
  const std::string_view product(agent->begin(), end);
  return product.empty() ? "unknown" : std::string(product.substr(0, kMostBytes));
}

std::uint32_t attempt_of(const Headers& headers) {
  const auto said = find_header(headers, "x-stainless-retry-count");
  if (!said) return 0;
  std::uint32_t attempt = 0;
  const auto [end, problem] = std::from_chars(said->data(), said->data() + said->size(), attempt);
  return problem == std::errc() && end == said->data() + said->size() ? attempt : 0;
}

}  // namespace albicilla
