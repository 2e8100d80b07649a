// The live generation of a worker: takes facts from any thread without touching a file, and writes
// whatever waits with one call on its own thread, which does all of the worker's appending.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/result.h"
#include "common/io/file.h"
#include "common/record/record.h"
#include "proxy/outbox/batch.h"
#include "proxy/outbox/generation.h"
#include "proxy/outbox/generation_writer.h"
#include "proxy/outbox/sync_thread.h"

namespace albicilla {

// Bytes of all generations that this worker looks after, against its share of --spool-limit.
struct SpoolRoom {
  explicit SpoolRoom(std::uint64_t limit) : limit_bytes(limit) {}
  const std::uint64_t limit_bytes;
  std::atomic<std::uint64_t> used_bytes{0};
};

struct SpoolPolicy {
  SegmentPolicy segments;
  std::chrono::milliseconds pause{5};  // between writes for which nobody waits
};

// Both are called on the spool thread, a few times per batch at most, and must not block.
struct SpoolEvents {
  std::function<void()> written;  // written_through(), waiting_for() or state() has changed
  std::function<void()> closed;   // the index holds new records, or copies have been made
};

class Spool {
 public:
  enum class State : std::uint8_t {
    working,
    no_room,  // disk or limit full: what waits is tried again when there is room
    broken,   // a write or a sync failed in a way that time does not heal: the worker must end
  };

  // All references must outlive the spool.
  Spool(FileSystem& files, Generation& generation, SpoolRoom& room, SpoolPolicy policy,
        SpoolEvents events);
  // Joins the thread; what waits and could be written is written.
  ~Spool();

  // Makes generation and reserve when there is room, and starts the thread in any case.
  void start();

  // Any thread. Each returns the position of its entry: 1, 2, 3 …
  std::uint64_t opened(const OpenedFacts& facts);
  std::uint64_t part(const PartFacts& facts, std::string_view bytes);
  std::uint64_t answered(const AnsweredFacts& facts);
  struct Closed {
    std::uint64_t position = 0;
    Seq seq;
  };
  Closed closed(const ClosedFacts& facts);
  // Of exchanges that went on without a record.
  std::uint64_t gap_open(const GapFacts& facts);
  std::uint64_t gap_close(const GapFacts& facts);

  // Writes what waits at once. Cheap when the thread is at work anyway.
  void flush();
  // Writes what waits as soon as the last write is the policy's pause ago.
  void flush_soon();

  // Everything up to here is in the file (policy.synced: on the disk).
  std::uint64_t written_through() const { return written_through_.load(); }
  State state() const { return state_.load(); }
  // Why the state is not `working`.
  Error failure() const;
  std::size_t waiting_bytes() const { return waiting_bytes_.load(std::memory_order_relaxed); }
  // For how long the oldest entry that is not in the file has been waiting, synced or not; 0: none.
  std::chrono::nanoseconds waiting_for() const;

  // False when nothing new should be begun: the last reserve is being used up, the limit is near,
  // or the disk has not answered for some seconds.
  bool accepting() const;

  // The sender has deleted segments: there may be room again.
  void room_made() { flush(); }
  // Copies entries of exchanges that are still open behind the newest ones, so that the segment in
  // which they stand can go. Ignored while copying().
  struct Copy {
    OpenEntry entry;
    EntryType type = EntryType::part;
    std::string payload;
  };
  void copy_forward(std::vector<Copy> copies);
  bool copying() const { return copying_.load(); }
  // Leaves the current segment, so that it can be deleted.
  void leave_segment();

  // Writes what waits, gives back what was reserved and ends the thread.
  void stop();

 private:
  enum class Wanted : std::uint8_t { nothing, soon, now };

  template <class Append>
  std::uint64_t append(Append add);
  void want(Wanted wanted);
  void run();
  bool wait_for_work(std::vector<Copy>& copies);
  void sleep(std::unique_lock<std::mutex>& lock);
  bool write_copies(std::vector<Copy> copies);
  bool leave_early();
  void note_dropped();
  bool write_batch();
  bool write_waiting();
  bool sync_written();
  bool write_meanwhile();
  bool has_rest() const;
  bool wait_for_room();
  bool prepare();
  Status try_to_prepare();
  bool over_limit(std::uint64_t bytes) const;
  void account();
  void note_filed();
  void change_state(State state, const Error* failure);

  Generation& generation_;
  SpoolRoom& room_;
  const SpoolPolicy policy_;
  const SpoolEvents events_;
  GenerationWriter writer_;  // spool thread only

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Batch pending_;
  std::uint64_t said_ = 0;          // position of the last entry
  std::int64_t pending_since_ = 0;  // steady nanoseconds, of the first entry in pending_
  std::vector<Seq> last_seq_;       // by sink
  std::vector<Copy> copies_;
  Wanted wanted_ = Wanted::nothing;
  bool leave_wanted_ = false;
  bool sleeping_ = false;
  Wanted wakes_ = Wanted::now;  // the least that is worth a wake-up
  bool stopping_ = false;
  Error failure_;

  // Spool thread only, as are all up to usual_bytes_.
  std::optional<SyncThread> syncer_;  // policy.synced
  Batch meanwhile_;                   // taken during a sync, but not written yet
  std::uint64_t meanwhile_through_ = 0;
  std::uint64_t file_through_ = 0;  // position of the last entry in the file, synced or not
  Batch writing_;
  std::chrono::steady_clock::time_point begun_writing_;  // the last time
  std::uint64_t writing_through_ = 0;
  std::uint64_t accounted_bytes_ = 0;
  std::size_t usual_bytes_ = 0;

  std::atomic<std::uint64_t> written_through_{0};
  std::atomic<State> state_{State::working};
  std::atomic<std::size_t> waiting_bytes_{0};
  std::atomic<std::int64_t> waiting_since_{0};  // steady nanoseconds; 0: all is in the file
  std::atomic<bool> reserved_{false};
  std::atomic<bool> copying_{false};
  std::atomic<std::int64_t> writing_since_{0};  // steady nanoseconds; 0: not writing
  std::thread thread_;
};

}  // namespace albicilla
