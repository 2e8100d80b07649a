// The body of a request on its way upstream. Either it is whole when the request goes on (small
// ones, and those that are looked into first), or the rest of it is pumped from the client to the
// upstream while the answer may already be coming back.
#pragma once

#include <string>

#include "proxy/traffic/capture.h"
#include "proxy/traffic/client_side.h"
#include "proxy/traffic/http_parser.h"
#include "proxy/traffic/parts.h"

namespace albicilla {

// What has been read of a body so far.
struct RequestBody {
  std::string bytes;  // decoded
  std::string wire;   // in chunks, with their borders; unused when the body is not chunked
  bool whole = false;

  std::string_view on_wire(bool chunked) const { return chunked ? wire : bytes; }
};

// Takes the slices that the parser's last feed() found, and what ends the body.
void take_slices(const RequestParser& parser, RequestBody& body);

// How long the next bytes of a body may take, so that all of it comes at the floor's pace. Only
// time spent waiting for the client counts.
class BodyPace {
 public:
  BodyPace(const TrafficLimits& limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  // Around each wait for the client.
  std::chrono::milliseconds begin_wait();
  void end_wait(std::size_t bytes);

 private:
  const TrafficLimits& limits_;
  const Clock& clock_;
  SteadyTime begun_;
  std::chrono::milliseconds waited_{0};
  std::uint64_t bytes_ = 0;
};

enum class PumpEnd {
  whole,
  client_left,
  too_slow,
  bad_framing,
  too_large,
  upstream_failed,
  not_kept,
  stopped
};

class BodyPump {
 public:
  BodyPump(const TrafficParts& parts, ClientSide& client, RequestParser& parser, Capture& capture)
      : parts_(parts),
        client_(client),
        parser_(parser),
        capture_(capture),
        finished_(parts.executor) {}

  // Starts pumping into `upstream`, which must stay until finished() has been awaited. `on_failed`
  // is called from the loop when the pump ends in any other way than `whole` or `stopped`.
  void start(NetStream& upstream, std::function<void()> on_failed);

  bool running() const { return running_; }
  PumpEnd end() const { return end_; }

  // Ends it: the client's connection is of no use after that.
  void stop();
  Task<void> finished();

 private:
  Task<void> run(NetStream& upstream);
  Task<PumpEnd> pump(NetStream& upstream);

  const TrafficParts& parts_;
  ClientSide& client_;
  RequestParser& parser_;
  Capture& capture_;
  LoopEvent finished_;
  std::function<void()> on_failed_;
  std::uint64_t taken_ = 0;
  PumpEnd end_ = PumpEnd::whole;
  bool running_ = false;
  bool stopping_ = false;
};

}  // namespace albicilla
