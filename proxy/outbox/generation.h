// One generation of a slot's spool: a directory of segments under one random producer id per sink.
// Only its own worker appends to it (generation_writer); a later one reads it, sends what is left
// under the old ids and deletes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/io/file.h"
#include "common/io/segment_log.h"
#include "proxy/outbox/recent_batches.h"
#include "proxy/outbox/record_index.h"

namespace albicilla {

// The disk or the quota is full, the only failure of a write that time may heal.
bool is_no_room(const Error& error);

struct Generation {
  Generation(std::string where, GenerationFacts who, std::size_t most_recent_bytes)
      : directory(std::move(where)),
        facts(std::move(who)),
        index(facts.sinks.size()),
        recent(most_recent_bytes) {}

  const std::string directory;
  const GenerationFacts facts;
  RecordIndex index;
  RecentBatches recent;
  // The one that may still grow; one behind the last of a generation that is only read.
  std::atomic<std::uint32_t> current_segment{1};
};

// A place of a generation where something is missing that had been promised.
struct Damage {
  std::string directory;  // the generation's
  ProducerId producer;    // its first one: a directory's number may come again, this never does
  SegmentNumber segment = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> exchanges;  // how many are missing; nullopt: nobody knows
  std::string cause;
};

// The gap that names a damage: the same id however often it is found.
GapFacts gap_of(const Damage& damage);

// A generation that nobody appends to any more, and what reading it found.
struct OldGeneration {
  std::unique_ptr<Generation> generation;
  bool sent_before = true;  // an earlier process may have sent records of it
  std::vector<ExchangeId> closed_ids;
  bool settled = false;         // all that was open has been closed in a later generation
  std::vector<Damage> damages;  // that no gap names yet
  std::uint32_t torn = 0;       // ends that a dying process cut short: nobody was promised them
  std::uint32_t repaired = 0;   // entries of which a flipped bit was put right
};

// Reads all segments, also behind bad places, and changes nothing. An error only when no segment
// says whose generation this is, or the disk fails.
Result<OldGeneration> read_generation(FileSystem& files, const std::string& directory);

// A generation that says not whose it is; nullopt when it never held anything.
Result<std::optional<Damage>> unreadable_generation(FileSystem& files,
                                                    const std::string& directory);

// Copies the bytes of the damage to `<generation>-<producer>-<segment>.torn-<offset>` in the slot's
// directory, for a human; where that file stands, the damage has its gap. Durable when it returns.
Status keep_torn_bytes(FileSystem& files, const Damage& damage);
// Moves whole segments of an unreadable generation to `<generation>-<segment>.torn-<N>` and removes
// its directory.
Status tear_generation(FileSystem& files, const std::string& directory);

// Durable when it returns: no exchange of this generation will be recovered again.
Status settle_generation(FileSystem& files, const std::string& directory);

// Deletes the oldest segments that hold nothing needed; returns their bytes.
Result<std::uint64_t> remove_unneeded_segments(FileSystem& files, Generation& generation);

// Deletes a generation in which nothing is needed any more.
Status remove_generation(FileSystem& files, const std::string& directory);

}  // namespace albicilla
