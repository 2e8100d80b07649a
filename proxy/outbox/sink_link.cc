#include "proxy/outbox/sink_link.h"

#include <cstring>
#include <utility>
#include <vector>

#include <zmq.hpp>

#include "common/base/log.h"

namespace albicilla {

namespace {

// Headers are small; a longer message on the SUB socket is not a watermark of ours.
constexpr std::int64_t kMostWatermarkBytes = 128 << 10;
constexpr int kQueuedPieces = 256;
constexpr int kLingerMilliseconds = 200;
// A sink that refuses our key is not asked ten times a second.
constexpr int kReconnectMilliseconds = 100;
constexpr int kMostReconnectMilliseconds = 2000;
constexpr int kTroubles = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

std::string trouble_of(std::uint16_t event) {
  switch (event) {
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      return "it refuses this worker's key";
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      return "one side uses keys and the other does not";
    default:
      return "the handshake breaks off, it has another key than sink.public says or wants one";
  }
}

}  // namespace

struct SinkTransport::Context {
  zmq::context_t context{1};
  std::uint64_t monitors = 0;  // ever made
};

SinkTransport::SinkTransport() : context_(std::make_unique<Context>()) {}
SinkTransport::~SinkTransport() = default;

struct SinkLink::Sockets {
  Sockets(SinkTransport::Context& transport, const WorkerCurveKeys& keys)
      : push(transport.context, zmq::socket_type::push),
        sub(transport.context, zmq::socket_type::sub),
        monitor(transport.context, zmq::socket_type::pair) {
    const std::string watch = "inproc://sink-link-" + std::to_string(++transport.monitors);
    if (zmq_socket_monitor(push.handle(), watch.c_str(), kTroubles) != 0) throw zmq::error_t();
    monitor.connect(watch);
    for (zmq::socket_t* socket : {&push, &sub}) {
      socket->set(zmq::sockopt::ipv6, true);
      if (keys.empty()) continue;
      socket->set(zmq::sockopt::curve_serverkey, keys.sink);
      socket->set(zmq::sockopt::curve_publickey, keys.own.public_key);
      socket->set(zmq::sockopt::curve_secretkey, keys.own.secret_key);
      socket->set(zmq::sockopt::reconnect_ivl, kReconnectMilliseconds);
      socket->set(zmq::sockopt::reconnect_ivl_max, kMostReconnectMilliseconds);
    }
    push.set(zmq::sockopt::linger, 0);
    sub.set(zmq::sockopt::linger, 0);
    push.set(zmq::sockopt::sndhwm, kQueuedPieces);
    push.set(zmq::sockopt::immediate, true);  // no queue for a peer that is not there
    sub.set(zmq::sockopt::maxmsgsize, kMostWatermarkBytes);
  }

  zmq::socket_t push;
  zmq::socket_t sub;
  zmq::socket_t monitor;
};

SinkLink::SinkLink(SinkTransport& transport, SinkAddress address)
    : transport_(transport), address_(std::move(address)) {}

SinkLink::~SinkLink() = default;

Status SinkLink::remake() {
  sockets_.reset();
  try {
    auto sockets = std::make_unique<Sockets>(*transport_.context_, address_.keys);
    sockets->sub.connect(address_.watermarks);
    sockets->push.connect(address_.records);
    for (const ProducerId& producer : producers_) {
      sockets->sub.set(zmq::sockopt::subscribe, std::string(producer.view()));
    }
    sockets_ = std::move(sockets);
  } catch (const zmq::error_t& error) {
    return our_error("sink " + address_.records + " with watermarks at " + address_.watermarks +
                     ": " + error.what());
  }
  return {};
}

void SinkLink::drop() { sockets_.reset(); }

void SinkLink::linger() {
  try {
    if (sockets_) sockets_->push.set(zmq::sockopt::linger, kLingerMilliseconds);
  } catch (const zmq::error_t& error) {
    log_error("cannot linger", {{"cause", error.what()}});
  }
}

void SinkLink::listen_for(const ProducerId& producer) {
  if (!producers_.insert(producer).second || !sockets_) return;
  try {
    sockets_->sub.set(zmq::sockopt::subscribe, std::string(producer.view()));
  } catch (const zmq::error_t& error) {
    log_error("cannot subscribe to watermarks", {{"cause", error.what()}});
  }
}

void SinkLink::stop_listening(const ProducerId& producer) {
  if (producers_.erase(producer) == 0 || !sockets_) return;
  try {
    sockets_->sub.set(zmq::sockopt::unsubscribe, std::string(producer.view()));
  } catch (const zmq::error_t& error) {
    log_error("cannot unsubscribe from watermarks", {{"cause", error.what()}});
  }
}

bool SinkLink::push(std::string_view header) {
  if (!sockets_) return false;
  try {
    return sockets_->push.send(zmq::buffer(header), zmq::send_flags::dontwait).has_value();
  } catch (const zmq::error_t& error) {
    log_error("cannot push to the sink", {{"cause", error.what()}});
    return false;
  }
}

bool SinkLink::push(std::string_view header, std::string_view piece) {
  if (!sockets_) return false;
  try {
    // Only the first frame can be refused for want of room: frames of one message stay together.
    const auto first = zmq::send_flags::dontwait | zmq::send_flags::sndmore;
    if (!sockets_->push.send(zmq::buffer(header), first)) return false;
    return sockets_->push.send(zmq::buffer(piece), zmq::send_flags::dontwait).has_value();
  } catch (const zmq::error_t& error) {
    log_error("cannot push to the sink", {{"cause", error.what()}});
    return false;
  }
}

std::optional<std::string> SinkLink::take_watermark() {
  if (!sockets_) return std::nullopt;
  try {
    std::optional<std::string> bytes;
    zmq::message_t frame;
    // The topic, then the watermark; of a message with more frames the last one is taken, and its
    // parser judges.
    while (sockets_->sub.recv(frame, zmq::recv_flags::dontwait)) {
      bytes = frame.to_string();
      if (!frame.more()) break;
    }
    return bytes;
  } catch (const zmq::error_t& error) {
    log_error("cannot take a watermark", {{"cause", error.what()}});
    return std::nullopt;
  }
}

std::optional<std::string> SinkLink::take_trouble() {
  if (!sockets_) return std::nullopt;
  try {
    std::optional<std::string> trouble;
    zmq::message_t frame;
    // The event's number and value, then our address.
    while (sockets_->monitor.recv(frame, zmq::recv_flags::dontwait)) {
      std::uint16_t event = 0;
      if (frame.size() >= sizeof event) std::memcpy(&event, frame.data(), sizeof event);
      if ((event & kTroubles) != 0) trouble = trouble_of(event);
      while (frame.more() && sockets_->monitor.recv(frame)) {
      }
    }
    return trouble;
  } catch (const zmq::error_t& error) {
    log_error("cannot watch the sink's handshakes", {{"cause", error.what()}});
    return std::nullopt;
  }
}

void SinkLink::wait(std::span<SinkLink* const> links, std::span<SinkLink* const> blocked,
                    int wake_descriptor, std::chrono::milliseconds most) {
  std::vector<zmq::pollitem_t> items;
  items.push_back({nullptr, wake_descriptor, ZMQ_POLLIN, 0});
  for (SinkLink* link : links) {
    if (link->sockets_) items.push_back({link->sockets_->sub.handle(), 0, ZMQ_POLLIN, 0});
  }
  for (SinkLink* link : blocked) {
    if (link->sockets_) items.push_back({link->sockets_->push.handle(), 0, ZMQ_POLLOUT, 0});
  }
  try {
    zmq::poll(items, most);
  } catch (const zmq::error_t& error) {
    if (error.num() != EINTR) log_error("cannot wait for sinks", {{"cause", error.what()}});
  }
}

}  // namespace albicilla
