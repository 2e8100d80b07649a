#include "sink/intake/acks.h"

#include <algorithm>

namespace albicilla {

Acks::Acks(Sink sink, const ProducerTable& producers)
    : sink_(std::move(sink)), producers_(producers) {
  for (const auto& [producer, state] : producers.all()) durable_[producer] = state.accepted;
}

void Acks::heard(const ProducerId& producer, SteadyTime now) { peers_[producer].heard = now; }

void Acks::note_probe(const ProducerId& producer, Seq probe, std::uint32_t round) {
  Peer& peer = peers_[producer];
  if (round < peer.round) return;
  if (round > peer.round) peer.probe = Seq{};
  peer.round = round;
  peer.probe = std::max(peer.probe, probe);
}

void Acks::note_durable(const ProducerId& producer, Seq durable) {
  Seq& known = durable_[producer];
  known = std::max(known, durable);
}

Watermark Acks::watermark(const ProducerId& producer) const {
  Watermark mark;
  mark.producer = producer;
  mark.sink = sink_.id;
  mark.epoch = sink_.epoch;
  const auto durable = durable_.find(producer);
  if (durable != durable_.end()) mark.durable = durable->second;
  const auto peer = peers_.find(producer);
  mark.shape = WatermarkShape::first;
  if (peer != peers_.end()) {
    mark.shape = peer->second.reads;
    mark.probe = peer->second.probe;
    mark.round = peer->second.round;
  }
  mark.accepted = std::max(producers_.accepted(producer), mark.durable);
  mark.accepting = accepting_;
  mark.window_bytes = sink_.window_bytes;
  mark.session_secret = sink_.session_secret;
  mark.sessions = sessions_;
  mark.checkpoint = checkpoint_;
  mark.most_chunks = sink_.most_chunks;
  return mark;
}

void Acks::for_each_heard(SteadyTime since, const std::function<void(const ProducerId&)>& visit) {
  for (auto it = peers_.begin(); it != peers_.end();) {
    if (it->second.heard < since) {
      it = peers_.erase(it);
    } else {
      visit(it->first);
      ++it;
    }
  }
}

}  // namespace albicilla
