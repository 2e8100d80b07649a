// Puts the tokens of rendered records into the metrics, each record once although a record is
// rendered again whenever it is sent again. On the sender thread.
#pragma once

#include <optional>
#include <unordered_map>

#include "common/base/token_table.h"
#include "proxy/outbox/rendered_record.h"

namespace albicilla {

class TokenMeter {
 public:
  explicit TokenMeter(TokenTable table) : table_(table) {}

  // The record's tokens; nullopt when it was noted before.
  std::optional<std::uint64_t> note(const ExchangeFacts& facts, const RenderedRecord& record);

 private:
  TokenTable table_;
  std::unordered_map<ProducerId, Seq> noted_;  // a few: one for each generation that is sent
};

}  // namespace albicilla
