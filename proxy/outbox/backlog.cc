#include "proxy/outbox/backlog.h"

#include <utility>

#include "common/base/log.h"

namespace albicilla {

void Backlog::read(const std::vector<GenerationNumber>& older) {
  for (const GenerationNumber number : older) read_one(generation_directory(slot_, number));
}

void Backlog::read_one(const std::string& directory) {
  auto read = read_generation(files_, directory);
  if (read) {
    counters_.gaps += read->damaged;
    room_.used_bytes += read->generation->index.bytes();
    log_info("earlier generation found",
             {{"generation", directory},
              {"records", read->generation->index.held_records()},
              {"open_exchanges", read->generation->index.open_exchanges()},
              {"settled", read->settled}});
    generations_.push_back(std::move(*read));
    return;
  }
  const bool disk_failed = read.error().os_error != 0;
  const auto segments = list_segments(files_, directory);
  // A worker that died right after making the directory has left nothing to lose.
  const bool nothing_lost = segments && segments->empty();
  if (!nothing_lost) {
    ++counters_.gaps;
    log_error(disk_failed ? "generation cannot be read, left where it is"
                          : "generation without a readable segment, moved aside",
              {{"generation", directory}, {"cause", read.error().message}});
  }
  if (disk_failed) return;
  if (const Status torn = tear_generation(files_, directory); !torn) {
    log_error("cannot move a generation aside", {{"cause", torn.error().message}});
  }
}

bool Backlog::settle(const RecoveryTarget& target) {
  if (settled_) return true;
  const Status status = settle_all(target);
  settled_ = status.ok();
  if (!status && !std::exchange(said_no_room_, true)) {
    log_error("cannot close what a dead worker left open, trying again",
              {{"slot", slot_.index}, {"cause", status.error().message}});
  }
  return settled_;
}

Status Backlog::settle_all(const RecoveryTarget& target) {
  auto recovered = recover(files_, generations_, target);
  if (!recovered) return recovered.error();
  counters_.gaps += recovered->lost;
  counters_.recovered_exchanges += recovered->generation.closed_ids.size();
  if (recovered->generation.generation) {
    log_info("exchanges of a dead worker closed",
             {{"slot", slot_.index}, {"exchanges", recovered->generation.closed_ids.size()}});
    room_.used_bytes += recovered->generation.generation->index.bytes();
    generations_.push_back(std::move(recovered->generation));
  }
  // The markers come before anything of the new generation may be deleted: then nothing is ever
  // closed twice, wherever a crash falls.
  for (OldGeneration& old : generations_) {
    if (old.settled || old.generation->index.open_exchanges() == 0) continue;
    const Status settled = settle_generation(files_, old.generation->directory);
    if (!settled) return settled;
    old.settled = true;
    old.generation->index.forget_open();
  }
  for (OldGeneration& old : generations_) old.closed_ids = {};
  return {};
}

std::vector<std::unique_ptr<Generation>> Backlog::clean() {
  std::vector<std::unique_ptr<Generation>> gone;
  for (auto old = generations_.begin(); old != generations_.end();) {
    Generation& generation = *old->generation;
    const std::uint64_t before = generation.index.bytes();
    if (const auto removed = remove_unneeded_segments(files_, generation); !removed) {
      log_error("cannot delete a segment", {{"cause", removed.error().message}});
    }
    room_.used_bytes -= before - generation.index.bytes();
    const bool needed =
        generation.index.held_records() > 0 || generation.index.open_exchanges() > 0;
    if (needed) {
      if (!settled_) break;
      ++old;
      continue;
    }
    if (const Status removed = remove_generation(files_, generation.directory); !removed) {
      log_error("cannot delete a generation", {{"cause", removed.error().message}});
    }
    room_.used_bytes -= generation.index.bytes();
    gone.push_back(std::move(old->generation));
    old = generations_.erase(old);
  }
  return gone;
}

}  // namespace albicilla
