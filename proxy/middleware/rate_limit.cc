#include "proxy/middleware/rate_limit.h"

#include <array>

#include "common/base/nearest.h"

namespace albicilla {

namespace {

constexpr std::uint64_t kBytesPerToken = 4;
constexpr std::size_t kMostEstimated = 65'536;
// What was used longer ago has nothing to do with this minute.
constexpr std::chrono::minutes kAllowance{1};

MiddlewareRefusal refusal(std::string_view what, std::chrono::nanoseconds wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  return {429, "rate_limited", "the limit of " + std::string(what) + " per minute is reached",
          static_cast<std::uint32_t>(seconds.count())};
}

}  // namespace

Result<std::unique_ptr<Middleware>> RateLimit::make(const Json& config, const Parts& parts) {
  const std::array<std::string, 3> known = {"requests_per_minute", "tokens_per_minute", "by"};
  for (const auto& [name, value] : config.members()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return client_error("rate_limit: unknown key '" + name + "'" + did_you_mean(name, known));
    }
  }
  const auto rate = [&](std::string_view name) -> Result<Rate> {
    const Json& value = config.at(name);
    if (value.is_null()) return Rate{};
    const auto number = value.integer();
    if (!number || *number < 1) {
      return client_error("rate_limit: " + std::string(name) + " must be a number from 1 on");
    }
    return Rate{static_cast<std::uint64_t>(*number)};
  };
  const auto requests = rate("requests_per_minute");
  const auto tokens = rate("tokens_per_minute");
  if (!requests) return requests.error();
  if (!tokens) return tokens.error();
  const std::string_view by = config.at("by").text();
  if (!by.empty() && by != "key" && by != "session") {
    return client_error("rate_limit: by must be key or session, got '" + std::string(by) + "'");
  }
  return std::unique_ptr<Middleware>(
      new RateLimit(parts, *requests, *tokens, by == "session" ? By::session : By::key));
}

// Without a user (no keys file) and without a session, the client's address is the key.
std::string RateLimit::name_of(std::string_view user, std::string_view session,
                               std::string_view ip) const {
  const std::string_view wanted = by_ == By::session ? session : user;
  if (!wanted.empty()) return (by_ == By::session ? "s:" : "u:") + std::string(wanted);
  return "a:" + std::string(ip);
}

std::optional<MiddlewareRefusal> RateLimit::on_request(MiddlewareRequest& request) {
  const std::string name = name_of(request.user_id, request.session_id, request.client_ip);
  if (const auto d = table_.take("r" + name, requests_, 1, request.now); !d.allowed) {
    return refusal("requests", d.wait);
  }
  // Nothing is taken: only whether the minute's tokens are used up already.
  if (const auto d = table_.take("t" + name, tokens_, 0, request.now); !d.allowed) {
    return refusal("tokens", d.wait);
  }
  return std::nullopt;
}

std::string RateLimit::name_of(const OpenedFacts& opened) const {
  return name_of(opened.user_id, opened.session_hint, opened.client_ip);
}

void RateLimit::on_closed(const MiddlewareOutcome& outcome) {
  if (tokens_.per_minute == 0 || outcome.closed.ending == Ending::refused) return;
  if (metered_soon_()) return;
  {
    const std::lock_guard lock(mutex_);
    if (estimated_.size() < kMostEstimated) estimated_.insert(outcome.opened.id);
  }
  const std::uint64_t bytes = outcome.closed.request_bytes + outcome.closed.response_bytes;
  table_.charge("t" + name_of(outcome.opened), tokens_, bytes / kBytesPerToken, outcome.now);
}

void RateLimit::on_metered(const MiddlewareUsage& usage) {
  if (tokens_.per_minute == 0 || usage.closed.ending == Ending::refused) return;
  {
    const std::lock_guard lock(mutex_);
    if (estimated_.erase(usage.opened.id) > 0) return;
  }
  if (usage.closed.closed_at + kAllowance < usage.wall_now) return;
  table_.charge("t" + name_of(usage.opened), tokens_, usage.tokens, usage.now);
}

}  // namespace albicilla
