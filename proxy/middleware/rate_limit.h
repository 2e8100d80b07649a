// `rate_limit`: requests and tokens per minute, by key or by session, shared by all workers of the
// host. Config: requests_per_minute, tokens_per_minute, by: key|session. Tokens are charged as they
// are metered, which is after an exchange has closed, so one that is under way is never cut. While
// that would come late (the sink is away), an exchange is charged by its bodies' bytes / 4 instead.
#pragma once

#include <functional>
#include <mutex>
#include <unordered_set>

#include "common/json/tree.h"
#include "proxy/middleware/middleware.h"
#include "proxy/middleware/rate_table.h"

namespace albicilla {

class RateLimit final : public Middleware {
 public:
  struct Parts {
    RateTable& table;
    std::function<bool()> metered_soon;
  };
  static Result<std::unique_ptr<Middleware>> make(const Json& config, const Parts& parts);

  std::string_view type() const override { return "rate_limit"; }
  std::optional<MiddlewareRefusal> on_request(MiddlewareRequest& request) override;
  void on_closed(const MiddlewareOutcome& outcome) override;
  void on_metered(const MiddlewareUsage& usage) override;

 private:
  enum class By { key, session };

  RateLimit(const Parts& parts, Rate requests, Rate tokens, By by)
      : table_(parts.table),
        metered_soon_(parts.metered_soon),
        requests_(requests),
        tokens_(tokens),
        by_(by) {}
  std::string name_of(std::string_view user, std::string_view session, std::string_view ip) const;
  std::string name_of(const OpenedFacts& opened) const;

  RateTable& table_;
  const std::function<bool()> metered_soon_;
  Rate requests_;
  Rate tokens_;
  By by_;
  std::mutex mutex_;
  std::unordered_set<ExchangeId> estimated_;  // charged already, not metered yet
};

}  // namespace albicilla
