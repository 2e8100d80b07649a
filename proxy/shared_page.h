// The memory that all workers and the supervisor share, as one memfd: rates of rate_limit, so that
// a limit is the host's and not a worker's, and the tokens of the metrics. It outlives every
// worker.
#pragma once

#include <memory>
#include <span>

#include "common/base/result.h"
#include "common/base/token_table.h"
#include "proxy/middleware/rate_table.h"

namespace albicilla {

class SharedPage {
 public:
  // A new page as a descriptor (close-on-exec).
  static Result<int> make();
  // Maps the page behind `fd`, which stays the caller's.
  static Result<SharedPage> map(int fd);

  // Both live as long as the page or a copy of it.
  std::span<RateSlot> rates() const;
  TokenTable tokens() const;

 private:
  explicit SharedPage(std::shared_ptr<void> memory) : memory_(std::move(memory)) {}
  std::shared_ptr<void> memory_;  // the mapping, unmapped with its last user
};

}  // namespace albicilla
