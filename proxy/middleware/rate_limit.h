// `rate_limit`: requests and tokens per minute, by key or by session, shared by all workers of the
// host. Config: requests_per_minute, tokens_per_minute, by: key|session. Tokens are charged when an
// exchange closes (bodies' bytes / 4), so one that is under way is never cut.
#pragma once

#include "common/json/tree.h"
#include "proxy/middleware/middleware.h"
#include "proxy/middleware/rate_table.h"

namespace albicilla {

class RateLimit final : public Middleware {
 public:
  static Result<std::unique_ptr<Middleware>> make(const Json& config, RateTable& table);

  std::string_view type() const override { return "rate_limit"; }
  std::optional<MiddlewareRefusal> on_request(MiddlewareRequest& request) override;
  void on_closed(const MiddlewareOutcome& outcome) override;

 private:
  enum class By { key, session };

  RateLimit(RateTable& table, Rate requests, Rate tokens, By by)
      : table_(table), requests_(requests), tokens_(tokens), by_(by) {}
  std::string name_of(std::string_view user, std::string_view session, std::string_view ip) const;

  RateTable& table_;
  Rate requests_;
  Rate tokens_;
  By by_;
};

}  // namespace albicilla
