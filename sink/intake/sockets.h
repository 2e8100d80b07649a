// The sink's ZeroMQ sockets: PULL for records, PUB for watermarks. With the gate the only
// files of the sink that know ZeroMQ. Not thread safe: one thread binds, receives and publishes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/record/wire.h"
#include "sink/intake/gate.h"

namespace albicilla {

// One message; the views live until the next receive().
struct ReceivedFrames {
  std::string_view header;
  std::string_view piece;  // empty when there was one frame only
  std::size_t frames = 0;  // more than two were dropped
  std::string_view peer;   // the sender's name in the allowlist; empty without keys
};

class SinkSockets {
 public:
  struct Endpoints {
    std::string listen;
    std::string ack_listen;
  };

  // Anybody who reaches them may talk to these.
  static Result<SinkSockets> bind(const Endpoints& endpoints);
  // Only workers of the allowlist; the check is proven first.
  static Result<SinkSockets> bind_guarded(const Endpoints& endpoints, const CurvePair& sink_keys,
                                          Gate::Parts gate);
  SinkSockets(SinkSockets&& other) noexcept;
  SinkSockets& operator=(SinkSockets&& other) noexcept;
  ~SinkSockets();

  // What is there already; nullopt when nothing is.
  Result<std::optional<ReceivedFrames>> receive();
  // To those who subscribed to the producer; dropped when they are slow, the next one says more.
  Status publish(const Watermark& watermark);
  // Until a message is there, one of the descriptors is readable, or the time is over.
  Status wait(std::span<const int> descriptors, std::chrono::milliseconds most);

 private:
  struct Sockets;
  Status listen(const Endpoints& endpoints);
  explicit SinkSockets(std::unique_ptr<Sockets> sockets);

  std::unique_ptr<Sockets> sockets_;
};

}  // namespace albicilla
