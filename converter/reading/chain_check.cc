#include "converter/reading/chain_check.h"

#include <utility>

#include "common/chain/tombstone.h"

namespace albicilla {

bool ChainCheck::follow(std::string_view line, const Digest* chained) {
  const bool first = std::exchange(first_, false);
  if (!sound_) return false;
  const auto split = split_chained_line(line);
  if (first) has_chain_ = split.has_value();
  if (!has_chain_ && !split) return true;
  if (!split) return sound_ = false;
  head_ = chain_next(head_, line_digest(split->chained, file_name_, head_.n + 1, chained));
  return sound_ = has_chain_ && head_ == split->head;
}

}  // namespace albicilla
