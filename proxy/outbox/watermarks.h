// What one producer and its sink know of each other: what was sent in this round, what of it the
// sink has taken, and whether silence means slow or lost. Pure: time comes in as an argument.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "common/base/clock.h"
#include "common/base/id128.h"
#include "common/base/strong.h"
#include "common/record/wire.h"

namespace albicilla {

struct WatermarkTiming {
  std::chrono::milliseconds hello_again{1000};  // a hello that nobody answered; sooner at first
  std::chrono::milliseconds probe_after{1000};  // nothing moves, records are in flight
  std::chrono::milliseconds silence{5000};      // sinks speak every second
  std::chrono::milliseconds deafness{15'000};   // it speaks, but no probe comes through to it
};

// A round is one life of the sockets. Seqs are taken in ascending order within a round.
class Watermarks {
 public:
  // Of a generation of an earlier process nobody knows how far it had sent, and
  // after a power cut or from a restored spool the sink may rightly be ahead of what is still held.
  enum class Origin { this_process, earlier_process };

  Watermarks(const ProducerId& producer, Origin origin, WatermarkTiming timing)
      : producer_(producer), origin_(origin), timing_(timing) {}

  const ProducerId& producer() const { return producer_; }

  // Everything above durable() is to be sent again.
  void begin_round(std::uint32_t round, SteadyTime now);

  // The sink remembers a higher round, of an earlier process: only a probe of a higher one still is
  // answered. What was sent stays sent.
  void raise_round(std::uint32_t round) { round_ = round; }

  enum class Heard {
    applied,
    lost,        // records of this round never reached the sink: begin a new one, with patience
    restarted,   // the sink has lost what it had not made durable: begin a new round at once
    above_sent,  // the sink claims what it was never given: an alarm, nothing is applied
  };
  // Only for watermarks of this producer and of the right sink.
  Heard hear(const Watermark& watermark, SteadyTime now);

  // Highest Seq that the sink's disk holds, as far as it has told.
  Seq durable() const { return durable_; }
  // Highest Seq handed over in this round; the next to send is the first held one behind it.
  Seq sent() const { return sent_; }
  // Something of this round is not durable yet, though the sink may have taken it: a sink that dies
  // now forgets it, and nothing but our own question would tell us.
  bool in_flight() const { return sent_ > durable_; }
  bool heard() const { return heard_; }

  // The sink has spoken in this round and takes records, and `bytes` more fit its window. One
  // record always fits an empty window.
  bool may_send(std::uint64_t bytes) const;
  void note_sent(Seq seq, std::uint64_t bytes, SteadyTime now);
  // The sink is told that nothing up to `seq` will come any more; it may rightly claim as much.
  void note_given_up(Seq seq) { highest_sent_ = std::max(highest_sent_, seq); }

  // A hello must go out: at first, and again until somebody answers.
  bool hello_due(SteadyTime now) const;
  void note_hello(SteadyTime now);
  // The Seq of a probe that must go out.
  std::optional<Seq> probe_due(SteadyTime now) const;
  void note_probe(SteadyTime now);
  // Nothing at all comes from the sink although something should, or nothing comes through to it:
  // the sockets may be dead.
  bool silent(SteadyTime now) const;

 private:
  struct Sent {
    Seq seq;
    std::uint64_t bytes = 0;
  };

  void take_off_flight(Seq through);

  const ProducerId producer_;
  const Origin origin_;
  const WatermarkTiming timing_;

  std::uint32_t round_ = 0;
  bool heard_ = false;  // in this round
  bool accepting_ = false;
  std::uint64_t window_bytes_ = 0;
  std::uint64_t epoch_ = 0;  // 0: none heard yet
  Seq durable_;
  Seq sent_;
  Seq highest_sent_;  // in all rounds
  std::deque<Sent> in_flight_;
  std::uint64_t in_flight_bytes_ = 0;
  SteadyTime round_began_;
  SteadyTime last_heard_;
  SteadyTime last_moved_;                       // first sent, accepted or probed
  std::optional<SteadyTime> unanswered_since_;  // the first probe since the sink took something
  std::optional<SteadyTime> last_hello_;
  std::chrono::nanoseconds hello_pause_{0};
};

}  // namespace albicilla
