#include "converter/viewer/chain_check.h"

#include "common/chain/tombstone.h"

namespace albicilla::viewer {
namespace {

void mark_broken(FileProgress& file, std::string_view why) {
  if (file.chain == ChainState::broken) return;
  file.chain = ChainState::broken;
  file.broken_line = file.lines;
  if (file.fault.empty()) file.fault = why;
}

}  // namespace

void check_chain(FileProgress& file, const HashedLine& line) {
  const auto& split = line.split;
  if (!split) {
    // Lines of predecessor A have no chain; a line without one behind lines that have one was put
    // there by somebody else.
    if (file.chain != ChainState::none) mark_broken(file, "line without a chain");
    return;
  }
  if (file.chain == ChainState::none) {
    file.head = chain_start(file.name);
    file.chain = ChainState::sound;
    if (file.lines != 1) mark_broken(file, "the chain does not begin at line 1");
  }
  const ChainHead expected =
      chain_next(file.head, line_digest(split->chained, file.name, file.head.n + 1, &line.digest));
  if (!(expected == split->head)) mark_broken(file, "the line does not continue the chain");
  file.head = split->head;
}

}  // namespace albicilla::viewer
