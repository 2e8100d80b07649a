#include "proxy/outbox/backlog.h"

#include <utility>

#include "common/base/log.h"

namespace albicilla {

void Backlog::read(const std::vector<GenerationNumber>& older) {
  for (const GenerationNumber number : older) read_one(generation_directory(slot_, number));
}

void Backlog::read_one(const std::string& directory) {
  auto read = read_generation(files_, directory);
  if (!read) return read_unreadable(directory, read.error());
  room_.used_bytes += read->generation->index.bytes();
  log_info("earlier generation found",
           {{"generation", directory},
            {"records", read->generation->index.held_records()},
            {"open_exchanges", read->generation->index.open_exchanges()},
            {"damages", read->damages.size()},
            {"repaired_entries", read->repaired},
            {"settled", read->settled}});
  generations_.push_back(std::move(*read));
}

void Backlog::read_unreadable(const std::string& directory, const Error& why) {
  auto damage = unreadable_generation(files_, directory);
  if (why.os_error != 0 || !damage) {
    ++counters_.gaps;
    log_error("generation cannot be read, left where it is",
              {{"generation", directory}, {"cause", why.message}});
    return;
  }
  if (damage->has_value()) {
    log_error("generation without a readable segment",
              {{"generation", directory}, {"cause", why.message}});
    unreadable_.push_back(std::move(**damage));
    return;
  }
  if (const Status torn = tear_generation(files_, directory); !torn) {
    log_error("cannot remove an empty generation", {{"cause", torn.error().message}});
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
  auto recovered = recover(files_, {generations_, unreadable_}, target);
  if (!recovered) return recovered.error();
  counters_.gaps += recovered->gaps;
  const std::size_t exchanges = recovered->generation.closed_ids.size() - recovered->gaps;
  counters_.recovered_exchanges += exchanges;
  if (recovered->generation.generation) {
    log_info("exchanges of a dead worker closed",
             {{"slot", slot_.index}, {"exchanges", exchanges}, {"gaps", recovered->gaps}});
    room_.used_bytes += recovered->generation.generation->index.bytes();
    generations_.push_back(std::move(recovered->generation));
  }
  if (const Status kept = keep_torn_bytes_of_all(); !kept) return kept;
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

// As the markers: once a gap may be deleted, its damage must not be found again.
Status Backlog::keep_torn_bytes_of_all() {
  for (OldGeneration& old : generations_) {
    for (const Damage& damage : old.damages) {
      if (const Status kept = keep_torn_bytes(files_, damage); !kept) return kept;
    }
    old.damages.clear();
  }
  while (!unreadable_.empty()) {
    const Status torn = tear_generation(files_, unreadable_.back().directory);
    if (!torn) return torn;
    unreadable_.pop_back();
  }
  return {};
}

std::vector<std::unique_ptr<Generation>> Backlog::clean() {
  std::vector<std::unique_ptr<Generation>> gone;
  for (auto old = generations_.begin(); old != generations_.end();) {
    Generation& generation = *old->generation;
    const bool needed = generation.index.held_records() > 0 ||
                        generation.index.open_exchanges() > 0 || !old->damages.empty();
    if (needed) {
      const std::uint64_t before = generation.index.bytes();
      if (const auto removed = remove_unneeded_segments(files_, generation); !removed) {
        log_error("cannot delete a segment", {{"cause", removed.error().message}});
      }
      room_.used_bytes -= before - generation.index.bytes();
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
