// The sink's ZeroMQ sockets: PULL for records, PUB for watermarks. The only file of the sink that
// knows ZeroMQ. Not thread safe: one thread binds, receives and publishes.
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

namespace albicilla {

// One message; the views live until the next receive().
struct ReceivedFrames {
  std::string_view header;
  std::string_view piece;  // empty when there was one frame only
  std::size_t frames = 0;  // more than two were dropped
};

class SinkSockets {
 public:
  struct Endpoints {
    std::string listen;
    std::string ack_listen;
  };

  static Result<SinkSockets> bind(const Endpoints& endpoints);
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
  explicit SinkSockets(std::unique_ptr<Sockets> sockets);

  std::unique_ptr<Sockets> sockets_;
};

}  // namespace albicilla
