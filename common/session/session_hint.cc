#include "common/session/session_hint.h"

#include <array>

#include "common/base/digest.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

constexpr std::string_view kNoSession = "no-session";
// Claude Code's, then Codex's: with a dash in newer versions, with an underscore in older ones.
constexpr std::array<std::string_view, 4> kClientHeaders = {
    "x-claude-code-session-id", "session-id", "session_id", "conversation_id"};
constexpr std::size_t kDerivedDigits = 12;
// Headers have a limit of their own; a longer text in a body is no name.
constexpr std::size_t kMostBodyIdBytes = 4096;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The header's value without blanks around it; empty counts as absent.
std::string_view header_value(const Headers& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (!same_name(header.name, name)) continue;
    const std::string_view value = trimmed(header.value);
    if (!value.empty()) return value;
  }
  return {};
}

std::optional<SessionHint> from_headers(const SessionRules& rules, const Headers& headers) {
  if (const auto id = header_value(headers, rules.header); !id.empty()) {
    return SessionHint{std::string(id), SessionSource::header};
  }
  if (const auto id = header_value(headers, "x-session-id"); !id.empty()) {
    return SessionHint{std::string(id), SessionSource::x_session_id};
  }
  for (const std::string_view name : kClientHeaders) {
    if (const auto id = header_value(headers, name); !id.empty()) {
      return SessionHint{std::string(id), SessionSource::client_header};
    }
  }
  return std::nullopt;
}

// Where a body names its conversation: OpenAI's `user`, Anthropic's `metadata.user_id`, the
// Responses API's `prompt_cache_key`, and the answer that it continues.
std::optional<SessionHint> from_body(std::string_view body) {
  const std::string_view metadata = json_member(body, "metadata");
  for (const std::string_view raw : {json_member(body, "user"), json_member(metadata, "user_id"),
                                     json_member(body, "prompt_cache_key")}) {
    const auto text = json_text(raw);
    if (!text || text->size() > kMostBodyIdBytes) continue;
    const std::string_view id = trimmed(*text);
    if (!id.empty()) return SessionHint{std::string(id), SessionSource::body};
  }
  if (json_kind(json_member(body, "previous_response_id")) == JsonKind::string) {
    return SessionHint{};
  }
  return std::nullopt;
}

std::optional<SessionHint> from_bearer(const Headers& headers, std::string_view secret) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view value = header_value(headers, "authorization");
  if (secret.empty() || !same_name(value.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const std::string_view token = trimmed(value.substr(kScheme.size()));
  if (token.empty()) return std::nullopt;
  return SessionHint{"bearer-" + hex_prefix(hmac_sha256(secret, token), kDerivedDigits),
                     SessionSource::bearer};
}

}  // namespace

bool session_needs_body(const SessionRules& rules, const SessionRequest& request) {
  return request.generates && !rules.require_header && !from_headers(rules, request.headers);
}

std::optional<SessionHint> resolve_session(const SessionRules& rules, const SessionRequest& request,
                                           std::string_view secret) {
  if (auto hint = from_headers(rules, request.headers)) return hint;
  if (!request.generates) return SessionHint{std::string(kNoSession), SessionSource::no_session};
  if (rules.require_header) return std::nullopt;
  if (auto hint = from_body(request.body)) return hint;
  if (rules.allow_bearer) {
    if (auto hint = from_bearer(request.headers, secret)) return hint;
  }
  if (rules.history) return SessionHint{};
  return SessionHint{"anon-" + hex_prefix(sha256(request.exchange.view()), kDerivedDigits),
                     SessionSource::anonymous};
}

}  // namespace albicilla
