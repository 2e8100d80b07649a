// The two sockets between this worker and one sink: PUSH for records, SUB for watermarks. Nothing
// relies on an option of ZeroMQ: what a socket loses, probes find (watermarks.h).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "common/base/id128.h"
#include "common/base/result.h"
#include "common/io/curve_keys.h"

namespace albicilla {

struct SinkAddress {
  std::string records;  // "ipc://…" or "tcp://host:port"; also the sink's name in the spool
  std::string watermarks;
  WorkerCurveKeys keys;  // empty: in the clear
};

// The library's threads. One per worker; must outlive its links.
class SinkTransport {
 public:
  SinkTransport();
  ~SinkTransport();
  SinkTransport(const SinkTransport&) = delete;
  SinkTransport& operator=(const SinkTransport&) = delete;

 private:
  friend class SinkLink;
  struct Context;
  std::unique_ptr<Context> context_;
};

// One thread. Not connected at first.
class SinkLink {
 public:
  SinkLink(SinkTransport& transport, SinkAddress address);
  ~SinkLink();
  SinkLink(const SinkLink&) = delete;
  SinkLink& operator=(const SinkLink&) = delete;

  const SinkAddress& address() const { return address_; }

  // Drops the sockets with all that waits in them and makes new ones. An error only for an address
  // that is none; an absent sink is waited for.
  Status remake();
  // Drops the sockets; nothing comes or goes until they are remade.
  void drop();
  // What was pushed last may still go for a moment when the sockets close.
  void linger();

  // From now on, over all sockets to come.
  void listen_for(const ProducerId& producer);
  void stop_listening(const ProducerId& producer);

  // One message, or false when it cannot be taken now.
  bool push(std::string_view header);
  bool push(std::string_view header, std::string_view piece);

  // The next watermark's bytes, if one has come.
  std::optional<std::string> take_watermark();

  // Why the sink does not talk to us, as far as its handshakes tell, since the last call.
  std::optional<std::string> take_trouble();

  // Sleeps until a watermark has come, `wake_descriptor` is readable, or time is over; also until
  // one of `blocked` links can push again.
  static void wait(std::span<SinkLink* const> links, std::span<SinkLink* const> blocked,
                   int wake_descriptor, std::chrono::milliseconds most);

 private:
  struct Sockets;

  SinkTransport& transport_;
  const SinkAddress address_;
  std::set<ProducerId> producers_;
  std::unique_ptr<Sockets> sockets_;
};

}  // namespace albicilla
