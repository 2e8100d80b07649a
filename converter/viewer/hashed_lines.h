// Lines with the digests of what their chains cover. Many lines are hashed side by side, several
// times faster than one by one, so lines of several files are gathered before their chains are
// followed. Pure.
#pragma once

#include <optional>
#include <vector>

#include "common/base/digest.h"
#include "common/chain/hash_chain.h"
#include "converter/viewer/tail_reader.h"

namespace albicilla::viewer {

struct HashedLine {
  TailLine line;
  std::optional<ChainedLine> split;  // nullopt: the line has no chain
  Digest digest{};                   // of its chained part
};

std::vector<HashedLine> hash_lines(const std::vector<TailLine>& lines);

}  // namespace albicilla::viewer
