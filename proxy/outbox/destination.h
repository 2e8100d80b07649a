// One sink as this worker sees it: the sockets, the producers that have records for it, and the
// protocol between them: hello, records within the window, probe, resend. Sender thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/io/file.h"
#include "proxy/outbox/generation.h"
#include "proxy/outbox/outbox_counters.h"
#include "proxy/outbox/record_maker.h"
#include "proxy/outbox/sink_link.h"
#include "proxy/outbox/slot.h"
#include "proxy/outbox/watermarks.h"
#include "proxy/outbox/witness.h"

namespace albicilla {

struct DestinationPolicy {
  WatermarkTiming timing;
  std::chrono::milliseconds first_backoff{1000};
  std::chrono::milliseconds longest_backoff{30000};
  bool accept_new_sink = false;  // another log root behind a known endpoint is welcome
};

class Destination {
 public:
  struct Parts {
    const Clock& clock;
    RecordMaker& maker;
    OutboxCounters& counters;
    SessionSecret& secret;
    Witness& witness;
  };

  // References must outlive the destination.
  Destination(SinkTransport& transport, SinkAddress address, DestinationPolicy policy, Parts parts);
  ~Destination();
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;

  SinkLink& link() { return link_; }
  // Has a watermark come since the start?
  bool reached() const { return reached_; }
  // Nothing that goes here waits for an acknowledgement.
  bool all_acknowledged() const;
  // Has something to send that the socket does not take.
  bool blocked() const { return blocked_; }

  // The generation's records for its sink number `sink` go here from now on.
  void add(FileSystem& files, Generation& generation, std::uint32_t sink, KnownSinks& known,
           Watermarks::Origin origin);
  // Forgets the generation, which is about to be deleted, and tells the sink that it has ended.
  // That may get lost: the sink then only remembers more of it than it needs.
  void remove(const Generation& generation);
  // The same of the last generation: the sockets will go next.
  void end(const Generation& generation);

  // Hears, tells and sends a slice. True when it could go on at once.
  bool turn(SteadyTime now);

 private:
  struct Outgoing;
  struct Made;

  void remake(SteadyTime now);
  void begin_anew(const Watermarks& cause, SteadyTime now);
  void tell_trouble();
  void hear_all(SteadyTime now);
  void hear(Outgoing& from, const Watermark& watermark, SteadyTime now);
  bool is_right_sink(Outgoing& from, const Watermark& watermark);
  void tell(Outgoing& from, SteadyTime now);
  void tell_holes(Outgoing& from, SteadyTime now);
  void tell_end(const Outgoing& from);
  bool send_slice(Outgoing& from, SteadyTime now);
  bool make_next(Outgoing& from);
  bool push_record(Outgoing& from);
  WireHeader header(const Outgoing& from, MessageKind kind, Seq seq) const;

  SinkLink link_;
  const DestinationPolicy policy_;
  const Clock& clock_;
  RecordMaker& maker_;
  OutboxCounters& counters_;
  SessionSecret& secret_;
  Witness& witness_;
  std::list<Outgoing> outgoing_;
  std::uint32_t round_ = 0;
  std::chrono::milliseconds backoff_;
  std::optional<SteadyTime> remade_at_;
  bool remake_wanted_ = true;
  bool reached_ = false;
  std::uint64_t most_chunks_ = 0;  // as the sink asked last
  bool blocked_ = false;
  bool said_foreign_ = false;
  bool said_unreadable_ = false;
  std::string said_trouble_;
};

}  // namespace albicilla
