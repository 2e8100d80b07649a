#include "sink/intake/sockets.h"

#include <vector>

#include <zmq.hpp>

namespace albicilla {

namespace {

// A piece, or a header with five strings of at most 64 KiB; ZeroMQ closes the connection of a peer
// that announces more, before a byte of it is stored.
constexpr std::int64_t kMostMessageBytes = static_cast<std::int64_t>(kMostPieceBytes) + 4096;
// Messages that may wait inside ZeroMQ; each producer's window bounds their bytes.
constexpr int kMostWaiting = 4096;

Error zmq_failure(const std::string& where, const zmq::error_t& error) {
  return our_error(where + ": " + error.what());
}

}  // namespace

struct SinkSockets::Sockets {
  zmq::context_t context{1};
  zmq::socket_t pull{context, zmq::socket_type::pull};
  zmq::socket_t pub{context, zmq::socket_type::pub};
  zmq::message_t header;
  zmq::message_t piece;
  std::vector<zmq::pollitem_t> polled;
  std::string peer;
  std::unique_ptr<Gate> gate;  // goes first: its sockets are of the same context
};

namespace {

// Who the gate said this is.
std::string peer_of(const zmq::message_t& message) {
  const char* const name = zmq_msg_gets(message.handle(), "User-Id");
  return name == nullptr ? std::string() : name;
}

}  // namespace

SinkSockets::SinkSockets(std::unique_ptr<Sockets> sockets) : sockets_(std::move(sockets)) {}
SinkSockets::SinkSockets(SinkSockets&& other) noexcept = default;
SinkSockets& SinkSockets::operator=(SinkSockets&& other) noexcept = default;
SinkSockets::~SinkSockets() = default;

Result<SinkSockets> SinkSockets::bind(const Endpoints& endpoints) {
  try {
    SinkSockets made(std::make_unique<Sockets>());
    if (const Status listening = made.listen(endpoints); !listening) return listening.error();
    return made;
  } catch (const zmq::error_t& error) {
    return zmq_failure("open sockets", error);
  }
}

Result<SinkSockets> SinkSockets::bind_guarded(const Endpoints& endpoints,
                                              const CurvePair& sink_keys, Gate::Parts gate) {
  try {
    SinkSockets made(std::make_unique<Sockets>());
    Sockets& s = *made.sockets_;
    auto opened = Gate::open(s.context, std::move(gate));
    if (!opened) return opened.error();
    s.gate = std::move(*opened);
    if (const Status proven = s.gate->probe(sink_keys); !proven) return proven.error();
    for (zmq::socket_t* socket : {&s.pull, &s.pub}) {
      put_behind_gate(*socket, sink_keys);
      if (const Status watched = s.gate->watch(*socket); !watched) return watched.error();
    }
    if (const Status listening = made.listen(endpoints); !listening) return listening.error();
    return made;
  } catch (const zmq::error_t& error) {
    return zmq_failure("open sockets", error);
  }
}

Status SinkSockets::listen(const Endpoints& endpoints) {
  std::string where = "open sockets";
  try {
    for (zmq::socket_t* socket : {&sockets_->pull, &sockets_->pub}) {
      socket->set(zmq::sockopt::linger, 0);
      socket->set(zmq::sockopt::maxmsgsize, kMostMessageBytes);
      socket->set(zmq::sockopt::ipv6, true);
      socket->set(zmq::sockopt::tcp_keepalive, 1);
    }
    sockets_->pull.set(zmq::sockopt::rcvhwm, kMostWaiting);
    where = "listen for records on " + endpoints.listen;
    sockets_->pull.bind(endpoints.listen);
    where = "publish watermarks on " + endpoints.ack_listen;
    sockets_->pub.bind(endpoints.ack_listen);
    return {};
  } catch (const zmq::error_t& error) {
    return zmq_failure(where, error);
  }
}

Result<std::optional<ReceivedFrames>> SinkSockets::receive() {
  try {
    Sockets& s = *sockets_;
    if (s.gate && s.gate->failed()) return our_error("nobody checks the workers' keys any more");
    if (!s.pull.recv(s.header, zmq::recv_flags::dontwait)) return std::optional<ReceivedFrames>();
    ReceivedFrames received;
    received.frames = 1;
    if (s.gate) received.peer = s.peer = peer_of(s.header);
    if (s.header.more()) {
      // A message is delivered whole or not at all, so its further frames are there.
      [[maybe_unused]] const auto got = s.pull.recv(s.piece);
      received.piece = s.piece.to_string_view();
      ++received.frames;
      bool more = s.piece.more();
      while (more) {
        zmq::message_t surplus;
        [[maybe_unused]] const auto dropped = s.pull.recv(surplus);
        ++received.frames;
        more = surplus.more();
      }
    }
    received.header = s.header.to_string_view();
    return std::optional(received);
  } catch (const zmq::error_t& error) {
    return zmq_failure("receive records", error);
  }
}

Status SinkSockets::publish(const Watermark& watermark) {
  try {
    const std::string body = encode(watermark);
    sockets_->pub.send(zmq::buffer(watermark.producer.view()), zmq::send_flags::sndmore);
    sockets_->pub.send(zmq::buffer(body), zmq::send_flags::none);
    return {};
  } catch (const zmq::error_t& error) {
    return zmq_failure("publish a watermark", error);
  }
}

Status SinkSockets::wait(std::span<const int> descriptors, std::chrono::milliseconds most) {
  try {
    auto& polled = sockets_->polled;
    polled.clear();
    polled.push_back({sockets_->pull.handle(), 0, ZMQ_POLLIN, 0});
    for (const int descriptor : descriptors) polled.push_back({nullptr, descriptor, ZMQ_POLLIN, 0});
    zmq::poll(polled, most);
    return {};
  } catch (const zmq::error_t& error) {
    if (error.num() == EINTR) return {};
    return zmq_failure("wait for records", error);
  }
}

}  // namespace albicilla
