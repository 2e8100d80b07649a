// What may stand between a request's head and its way upstream: a middleware refuses or annotates,
// and may set or remove header fields; it never touches the body stream, framing, or the order of
// events. Middlewares run in the order of the configuration. One set per worker, on its loop; not
// thread safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/http/headers.h"
#include "common/record/record.h"

namespace albicilla {

// A request as middlewares see it. `headers` is what goes upstream and may be changed;
// credentials are still in it, so nothing of it may be printed or kept.
struct MiddlewareRequest {
  std::string_view method;
  std::string_view path;
  Headers& headers;
  std::string_view session_id;  // empty when it is not known yet
  std::string_view client_ip;
  std::string& user_id;  // an annotation: api_key sets it
  SteadyTime now;
};

// An answer of our own instead of the upstream's.
struct MiddlewareRefusal {
  std::uint16_t status = 403;
  std::string_view code;
  std::string message;
  std::optional<std::uint32_t> retry_after_seconds;
};

struct MiddlewareOutcome {
  const OpenedFacts& opened;
  const ClosedFacts& closed;
  SteadyTime now;
};

// What an exchange used, known once its record has been rendered: shortly after it closed, later
// while the sink is away.
struct MiddlewareUsage {
  const OpenedFacts& opened;
  const ClosedFacts& closed;
  std::uint64_t tokens = 0;
  SteadyTime now;
  WallTime wall_now;
};

class Middleware {
 public:
  virtual ~Middleware() = default;
  virtual std::string_view type() const = 0;  // the word in the configuration
  // nullopt: go on.
  virtual std::optional<MiddlewareRefusal> on_request(MiddlewareRequest&) { return std::nullopt; }
  // The head of the answer, before it goes to the client.
  virtual void on_answer(Headers&) {}
  virtual void on_closed(const MiddlewareOutcome&) {}
  // Once for each exchange, on another thread than everything above.
  virtual void on_metered(const MiddlewareUsage&) {}
};

using Middlewares = std::vector<std::unique_ptr<Middleware>>;

}  // namespace albicilla
