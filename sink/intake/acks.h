// What each producer is to be told: how far its records are durable, which probe came through.
// Pure; the sink loop owns it and publishes what it says.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "common/base/clock.h"
#include "common/record/wire.h"
#include "sink/log/producer_table.h"

namespace albicilla {

class Acks {
 public:
  struct Sink {
    SinkId id;
    std::uint64_t epoch = 0;
    std::uint64_t window_bytes = std::uint64_t{8} << 20;
    std::string session_secret;
    std::uint64_t most_chunks = 0;  // that records shall hold of a streamed answer
  };

  // What `producers` holds at the start is durable.
  Acks(Sink sink, const ProducerTable& producers);

  // A message of the producer came: it is told every second from now on.
  void heard(const ProducerId& producer, SteadyTime now);
  // How much of a watermark it reads.
  void note_reads(const ProducerId& producer, WatermarkShape reads) {
    peers_[producer].reads = reads;
  }
  void note_probe(const ProducerId& producer, Seq probe, std::uint32_t round);
  // Everything up to `durable` is synced.
  void note_durable(const ProducerId& producer, Seq durable);
  void set_accepting(bool accepting) { accepting_ = accepting; }
  // Everybody is told.
  void set_sessions(const SessionCounts& sessions) { sessions_ = sessions; }

  void set_checkpoint(const SeenCheckpoint& checkpoint) { checkpoint_ = checkpoint; }

  Watermark watermark(const ProducerId& producer) const;
  // Those heard since `since`; the others are forgotten but for how far they are durable.
  void for_each_heard(SteadyTime since, const std::function<void(const ProducerId&)>& visit);

 private:
  struct Peer {
    SteadyTime heard;
    Seq probe;
    std::uint32_t round = 0;
    WatermarkShape reads = WatermarkShape::first;  // until it says more
  };

  Sink sink_;
  const ProducerTable& producers_;
  std::unordered_map<ProducerId, Seq> durable_;
  std::unordered_map<ProducerId, Peer> peers_;
  bool accepting_ = true;
  SessionCounts sessions_;
  SeenCheckpoint checkpoint_;
};

}  // namespace albicilla
