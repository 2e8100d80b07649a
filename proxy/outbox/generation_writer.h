// Appends batches to the segments of one generation and tells its index where they stand. Always
// one segment ahead: the next one is there with its blocks taken, so that running exchanges can
// finish when the disk is full. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/io/file.h"
#include "proxy/outbox/batch.h"
#include "proxy/outbox/extent.h"
#include "proxy/outbox/generation.h"

namespace albicilla {

struct SegmentPolicy {
  std::uint64_t bytes = std::uint64_t{64} << 20;  // when a segment is full; also what is reserved
  // sync() must cover all that was written: names and left segments are synced on the way. Without
  // it nothing waits for the disk, and a power cut may take the last seconds.
  bool synced = false;
  // Acknowledged records leave the disk soon: segments are left for it before they are full.
  bool forgets = false;
};

class GenerationWriter {
 public:
  GenerationWriter(FileSystem& files, Generation& generation, SegmentPolicy policy)
      : files_(files), generation_(generation), policy_(policy) {}

  // Makes the directory and the first segment, names synced. Call until it succeeds, before all
  // else.
  Status start();
  bool started() const { return file_ != nullptr; }

  // Appends the whole batch with one call, then adds its entries to the index (policy.synced:
  // sync() does) and its bytes to the recent ones; the batch is empty then. After an error nothing
  // of it counts, and when there is no room (is_no_room) it may be tried again.
  Status write(Batch& batch);
  // The same for entries of exchanges that are still open, from the segment that stood before.
  Status move(Batch& batch, const std::vector<OpenEntry>& from);
  // Makes all that was written durable (policy.synced). Only then the index knows it: the sender
  // takes from the index, and what is sent must not be forgotten here in a power cut.
  Status sync();
  // The same in two steps around a sync of file() by somebody else, who must not meet a change of
  // segment: while it is under way, only write() what fits().
  struct SyncMark {
    std::size_t entries = 0;
    Extent extent;
  };
  SyncMark begin_sync() const;
  Status end_sync(const SyncMark& mark);
  AppendFile& file() { return *file_; }
  bool fits(std::uint64_t bytes) const;

  // Goes on in the segment ahead, so that the current one can be deleted once nothing in it is
  // needed. Without a segment ahead it stays.
  Status leave_early();

  // Makes the segment ahead when there is none. An error means that nothing new should be begun.
  Status reserve_ahead();
  // Of all segments it has made, those that are gone again too.
  std::uint64_t appended_bytes() const { return appended_bytes_; }

  // The worker ends and these exchanges never got their entries written: the next one names them.
  void note_dropped(std::uint64_t exchanges);

  // Removes the unused segment ahead and gives back what the current one has reserved.
  void finish();

 private:
  Result<std::unique_ptr<AppendFile>> make_segment(std::uint32_t number);
  Status make_room(std::uint64_t bytes);
  Status go_ahead();
  Status leave_segment();
  void take_segment(std::unique_ptr<AppendFile> file, std::uint32_t number);
  Status append(const std::string& bytes);
  Status note_extent();

  FileSystem& files_;
  Generation& generation_;
  const SegmentPolicy policy_;
  std::unique_ptr<AppendFile> file_;
  std::unique_ptr<AppendFile> ahead_;
  std::optional<ExtentFile> extent_;
  std::vector<PlacedEntry> unsynced_;
  std::uint64_t appended_bytes_ = 0;
  bool tail_unknown_ = false;  // a failed append left bytes that could not be cut off
};

}  // namespace albicilla
