// The outbox of a worker: the ExchangeLog that the data plane speaks to, over the spool thread and
// the sender thread. Its public calls are for the event loop's thread, unless they say otherwise.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "common/base/clock.h"
#include "common/io/file.h"
#include "proxy/outbox/exchange_log.h"
#include "proxy/outbox/outbox_counters.h"
#include "proxy/outbox/rendered_record.h"
#include "proxy/outbox/sender.h"
#include "proxy/outbox/slot.h"
#include "proxy/outbox/spool.h"
#include "proxy/outbox/waiters.h"

namespace albicilla {

enum class Durability : std::uint8_t {
  spool,  // write(2) has returned: survives the death of the process
  fsync,  // fdatasync has returned: survives a power cut
  sink,   // as spool; the last byte of an answer also waits for the sink's watermark
};

struct OutboxConfig {
  std::string spool_directory;
  std::uint32_t slot = 0;
  // Slots of this proxy's workers: `slots` of them from `first_slot` on. All others are left-overs
  // when nobody holds them.
  std::uint32_t first_slot = 0;
  std::uint32_t slots = 1;
  std::vector<SinkAddress> sinks;           // at least one
  std::vector<SinkAddress> sinks_to_drain;  // get only what earlier generations have for them
  Durability durability = Durability::spool;
  std::uint64_t spool_limit_bytes = std::uint64_t{4} << 30;  // this worker's share
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;
  bool forgets_acknowledged = false;  // within seconds, not when a segment is full
  std::uint64_t congestion_bytes = std::uint64_t{64} << 20;
  std::chrono::milliseconds write_pause{5};  // between writes for which nobody waits
  std::chrono::milliseconds slot_patience{5000};
  std::chrono::milliseconds stall_patience{1000};  // as long as running streams wait for the file
  DestinationPolicy sink_policy;
};

class Outbox final : public ExchangeLog {
 public:
  struct Parts {
    boost::asio::io_context& loop;
    FileSystem& files;
    const Clock& clock;
    RenderRecord render;
    // Called on the loop when the spool is broken for good (a write or sync that failed): nothing
    // more will be written, the worker must end.
    std::function<void(const Error&)> on_broken;
  };

  // Claims a slot (may wait for a dying owner) and starts the threads. An error only when there is
  // no slot to be had; a spool without room or with damage starts and says so.
  static Result<std::unique_ptr<Outbox>> start(OutboxConfig config, Parts parts);
  // The loop must not run any more, or never again after this.
  ~Outbox() override;

  // Writes what waits, then gives the sender `patience` to have everything acknowledged; what is
  // not stays for the next start. Blocks. Nothing may be said to the log afterwards.
  void stop(std::chrono::milliseconds patience);

  bool accepting() const override;  // any thread
  SpoolPosition opened(const OpenedFacts& facts) override;
  SpoolPosition part(const PartFacts& facts, std::string_view bytes) override;
  SpoolPosition answered(const AnsweredFacts& facts) override;
  SpoolPosition closed(const ClosedFacts& facts) override;
  Task<Status> unlogged() override;
  Task<Status> written(SpoolPosition position) override;
  bool is_written(SpoolPosition position) const override;
  bool congested() const override;
  Task<void> uncongested() override;
  bool late() const override;  // any thread
  Task<void> caught_up() override;

  // Any thread.
  OutboxStats stats() const;
  std::string session_secret() const { return secret_.get(); }
  std::uint32_t slot() const { return slot_.index; }

 private:
  // For durability `sink`: which position closed which record.
  struct Closed {
    SpoolPosition position = 0;
    std::uint32_t sink = 0;
    Seq seq;
  };

  Outbox(OutboxConfig config, Parts parts, Slot slot, std::vector<GenerationNumber> older);

  SpoolPosition write_later(SpoolPosition position);
  void open_gap();
  void close_gap();
  void write_soon();
  void post_flush();
  void notify_loop();
  void on_spool_progress();  // spool thread
  void on_durable();         // sender thread
  void on_progress();        // loop
  void fail_waiters();
  Task<Status> in_spool(SpoolPosition position);
  Task<Status> acknowledged(Closed closed);
  const Closed* unacknowledged_close(SpoolPosition position) const;
  Seq acknowledged_through(std::uint32_t sink) const;
  bool is_calm() const;
  void release_late();

  const OutboxConfig config_;
  Parts parts_;
  const Slot slot_;
  SpoolRoom room_;
  OutboxCounters counters_;
  SessionSecret secret_;
  Generation live_;

  // What the other threads look at to see whether the loop must be told.
  std::atomic<SpoolPosition> lowest_wanted_{UINT64_MAX};
  std::atomic<bool> calm_wanted_{false};
  std::atomic<bool> catching_up_{false};
  std::atomic<bool> stalled_{false};  // later than the patience: nobody waits until it catches up
  std::atomic<bool> acknowledgement_wanted_{false};
  std::atomic<bool> progress_posted_{false};

  Spool spool_;
  Sender sender_;

  // Exchanges are passing without a record; loop only, as is the next.
  std::optional<GapFacts> gap_;
  SpoolPosition gap_position_ = 0;

  // Loop only. Destroyed before the spool: a coroutine that goes with them may still close.
  std::deque<Closed> closed_;  // not acknowledged, by position
  Waiters spool_waiters_;
  Waiters calm_waiters_;
  Waiters late_waiters_;
  std::uint64_t late_waits_ = 0;  // each waits for its own number
  boost::asio::steady_timer late_timer_;
  std::vector<Waiters> acknowledgement_waiters_;  // by sink; they wait for a Seq
  bool flush_posted_ = false;
  bool somebody_waits_ = false;
  bool said_broken_ = false;
  bool stopped_ = false;
};

}  // namespace albicilla
