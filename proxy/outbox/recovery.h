// Closes what a dead worker left open: each `opened` without `closed` gets all its entries and a
// `closed` of its own in a new generation, under the same exchange id. What the spool has lost gets
// a name there: a gap.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/io/file.h"
#include "proxy/outbox/exchange_builder.h"
#include "proxy/outbox/generation.h"
#include "proxy/outbox/generation_writer.h"

namespace albicilla {

// What can be said of an exchange whose worker died: `complete` when the client had got the
// terminal event of its stream, else `interrupted`. Pure.
ClosedFacts closed_by_recovery(const ExchangeBuilder& exchange, bool terminal_event_seen);

// Where the closed exchanges go. An exchange stays with its sink when that is still there.
struct RecoveryTarget {
  std::string directory;
  GenerationFacts facts;
  SegmentPolicy policy;
};

struct RecoveryOutcome {
  OldGeneration generation;  // without a generation when nothing was open
  std::uint32_t gaps = 0;    // named: damage, and open exchanges whose `opened` cannot be read
};

// What earlier workers of one slot have left: their generations, oldest first, and damage that
// belongs to none of them.
struct LeftBehind {
  const std::vector<OldGeneration>& generations;
  const std::vector<Damage>& damages;
};

// An exchange that is closed in any of the generations or in a settled one is left alone; every
// damage gets a gap. Durable when it returns; after an error nothing is left behind, and it may be
// called again.
Result<RecoveryOutcome> recover(FileSystem& files, const LeftBehind& left,
                                const RecoveryTarget& target);

}  // namespace albicilla
