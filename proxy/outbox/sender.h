// The sender thread: recovers and sends what earlier generations left, sends what the live one
// closes, hears watermarks and deletes what they cover.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/io/file.h"
#include "proxy/outbox/backlog.h"
#include "proxy/outbox/crowding.h"
#include "proxy/outbox/destination.h"
#include "proxy/outbox/entry_reader.h"
#include "proxy/outbox/generation.h"
#include "proxy/outbox/record_maker.h"
#include "proxy/outbox/render_mark.h"
#include "proxy/outbox/slot.h"
#include "proxy/outbox/spool.h"
#include "proxy/outbox/wake_up.h"

namespace albicilla {

struct SenderPolicy {
  std::vector<SinkAddress> sinks;  // in the order of the live generation's sinks
  DestinationPolicy destination;
  SegmentPolicy segments;
  std::string spool_directory;
  SlotRange own_slots;  // all others belong to nobody; adopted when free
  // After something was sent, what closes within this time goes together: waking this thread, the
  // sockets' and the sink for every single record costs more than the record. Nobody waits for it
  // but with durability `sink`.
  std::chrono::milliseconds gather{0};
  pid_t loop_thread = 0;  // whose need of a processor comes first when records gather
  std::vector<SinkAddress> sinks_to_drain;  // only for generations that name them
};

class Sender {
 public:
  struct Parts {
    FileSystem& files;
    const Clock& clock;
    const RenderRecord& render;
    const Slot& slot;
    Generation& live;
    Spool& spool;
    SpoolRoom& room;
    OutboxCounters& counters;
    SessionSecret& secret;
  };

  // `on_durable` is called on the sender thread when a watermark covers more of the live
  // generation. The parts must outlive the sender.
  Sender(Parts parts, SenderPolicy policy, std::function<void()> on_durable);
  ~Sender();

  // `older` are the generations of the own slot that this process has not made; `recovery` is the
  // number that a generation for their open exchanges may use.
  void start(std::vector<GenerationNumber> older, GenerationNumber recovery);

  // The live index has new records. Any thread.
  void wake() { wake_up_.signal(); }

  // Ends the thread when everything is acknowledged, or at the latest after `patience`.
  void finish(std::chrono::milliseconds patience);

 private:
  // A slot whose worker is gone, held as long as there is something of it to send.
  struct Adopted;

  void run();
  void begin();
  void adopt_left_over(SteadyTime now);
  void settle(Backlog& backlog, const Slot& slot, KnownSinks& known, GenerationNumber number);
  void attach(const OldGeneration& old, KnownSinks& known);
  void attach_live();
  void clean();
  void clean_backlog(Backlog& backlog);
  void clean_live();
  void copy_pinning_entries();
  void forget_acknowledged();
  void count();
  bool all_acknowledged() const;
  void sleep(bool more);
  void gather(bool more);
  bool stands_back();
  GenerationFacts new_facts(const Slot& slot) const;
  Destination* destination_of(const std::string& endpoint);

  Parts parts_;
  const SenderPolicy policy_;
  const std::function<void()> on_durable_;
  SinkTransport transport_;
  Witness witness_;
  RenderMark mark_;
  RecordMaker maker_;
  SessionSecret other_secrets_;
  std::vector<std::unique_ptr<Destination>> destinations_;
  KnownSinks known_;
  Backlog own_;
  std::vector<GenerationNumber> older_;
  GenerationNumber recovery_number_ = 0;
  std::vector<std::unique_ptr<Adopted>> adopted_;
  EntryReader live_reader_;
  std::uint64_t acknowledged_before_ = 0;
  std::uint64_t sent_before_ = 0;
  std::optional<SteadyTime> looked_for_left_over_;
  SteadyTime leave_again_;
  Crowding loop_crowding_;
  StandBack stand_back_;
  WakeUp wake_up_;
  std::atomic<bool> finishing_{false};
  std::atomic<std::int64_t> give_up_at_{0};  // steady nanoseconds
  std::thread thread_;
};

}  // namespace albicilla
