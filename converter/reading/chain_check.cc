#include "converter/reading/chain_check.h"

#include <optional>
#include <utility>

#include "common/chain/tombstone.h"

namespace albicilla {

bool ChainCheck::follow(std::string_view line, const ChainedDigests* known) {
  const bool first = std::exchange(first_, false);
  if (!sound_) return false;
  const auto split = known != nullptr ? std::optional(known->split) : split_chained_line(line);
  if (first) has_chain_ = split.has_value();
  if (!has_chain_ && !split) return true;
  if (!split) return sound_ = false;
  const Digest digest = line_digest(split->chained, file_name_, head_.n + 1,
                                    known != nullptr ? &known->link.chained : nullptr);
  head_ = known != nullptr ? known->next(head_, digest) : chain_next(head_, digest);
  return sound_ = has_chain_ && head_ == split->head;
}

}  // namespace albicilla
