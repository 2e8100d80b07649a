// Who may connect: answers ZeroMQ's authentication requests (ZAP, RFC 27) from the allowlist of
// worker keys. It must stand before a socket listens, because libzmq lets everybody in where nobody
// answers; so its owner watches failure() and ends when there is one.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/io/curve_keys.h"
#include "common/io/file.h"
#include "sink/log/sink_counters.h"

namespace zmq {
class context_t;
class socket_t;
}  // namespace zmq

namespace albicilla {

// Before the socket binds: only those who know the sink's key and whom the gate lets in.
void put_behind_gate(zmq::socket_t& socket, const CurvePair& sink_keys);

class Gate {
 public:
  struct Parts {
    FileSystem& files;
    std::string directory;  // of the sink's keys; its allowlist is read again when somebody knocks
    SinkCounters& counters;
  };

  // `context` is that of the sockets behind the gate and outlives it.
  static Result<std::unique_ptr<Gate>> open(zmq::context_t& context, Parts parts);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  // Nobody is asked any more: everything must stop.
  bool failed() const;
  // Tells of connections to this socket that end without a key, from now on; two sockets at most.
  Status watch(zmq::socket_t& socket);
  // Proves over real sockets that a stranger is asked for and kept out.
  Status probe(const CurvePair& sink_keys);

 private:
  struct Inner;
  explicit Gate(std::unique_ptr<Inner> inner);

  std::unique_ptr<Inner> inner_;
};

}  // namespace albicilla
