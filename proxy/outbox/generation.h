// One generation of a slot's spool: a directory of segments under one random producer id per sink.
// Only its own worker appends to it (generation_writer); a later one reads it, sends what is left
// under the old ids and deletes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/io/file.h"
#include "common/io/segment_log.h"
#include "proxy/outbox/recent_batches.h"
#include "proxy/outbox/record_index.h"

namespace albicilla {

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

// A generation that nobody appends to any more, and what reading it found.
struct OldGeneration {
  std::unique_ptr<Generation> generation;
  bool sent_before = true;  // an earlier process may have sent records of it
  std::vector<ExchangeId> closed_ids;
  bool settled = false;       // all that was open has been closed in a later generation
  std::uint32_t torn = 0;     // segments whose end was moved to a .torn file
  std::uint32_t damaged = 0;  // of these, or entries: not merely cut short by a dying process
};

// Reads all segments. The bad end of one is moved to `<generation>-<segment>.torn-N` in the slot's
// directory. An error only when no segment says whose generation this is, or the disk fails.
Result<OldGeneration> read_generation(FileSystem& files, const std::string& directory);

// Moves whole segments of an unreadable generation to .torn files and removes its directory.
Status tear_generation(FileSystem& files, const std::string& directory);

// Durable when it returns: no exchange of this generation will be recovered again.
Status settle_generation(FileSystem& files, const std::string& directory);

// Deletes the oldest segments that hold nothing needed; returns their bytes.
Result<std::uint64_t> remove_unneeded_segments(FileSystem& files, Generation& generation);

// Deletes a generation in which nothing is needed any more.
Status remove_generation(FileSystem& files, const std::string& directory);

// Reads single entries, from memory while they are recent. One thread.
class EntryReader {
 public:
  EntryReader(FileSystem& files, Generation& generation) : files_(files), generation_(generation) {}

  // The view lives until the next call.
  Result<EntryView> read(const EntryPlace& place);
  // Closes the file that stands open: a deleted segment takes room as long as somebody has it open.
  void release() { file_.reset(); }

 private:
  Result<std::string_view> frame(const EntryPlace& place);

  FileSystem& files_;
  Generation& generation_;
  RecentBatches::Found recent_;
  std::unique_ptr<RandomFile> file_;
  std::uint32_t file_segment_ = 0;
  std::string buffer_;
};

}  // namespace albicilla
