#include "tests/support/wire_producer.h"

#include <algorithm>

#include <zmq.hpp>

#include "common/base/crc32c.h"
#include "common/base/id128.h"

namespace albicilla::tests {

namespace {

constexpr std::uint64_t kWindowBytes = std::uint64_t{8} << 20;
constexpr std::chrono::milliseconds kProbeAfter{100};
constexpr std::chrono::milliseconds kDeafAfter{3000};

}  // namespace

struct WireProducer::Sockets {
  zmq::context_t context{1};
  zmq::socket_t push{context, zmq::socket_type::push};
  zmq::socket_t sub{context, zmq::socket_type::sub};
};

WireProducer::WireProducer(Address address, std::uint8_t number)
    : address_(std::move(address)), number_(number) {
  id_ = random_id<ProducerId>();
  remake();
}

WireProducer::~WireProducer() = default;

void WireProducer::add(const std::string& session, std::size_t pad) {
  Held record;
  record.seq = ++added_;
  record.session = session;
  const WireHeader named = header(MessageKind::record, record.seq);
  record.piece = "\"request\":{\"pad\":\"" + std::string(pad, 'p') +
                 "\"},\"response\":null,\"exchange\":{\"id\":\"" + uuid_text(named.exchange.bytes) +
                 "\",\"producer\":\"" + hex_text(id_.bytes) +
                 "\",\"seq\":" + std::to_string(record.seq) +
                 ",\"worker\":" + std::to_string(number_) + "}";
  held_.push_back(std::move(record));
}

WireHeader WireProducer::header(MessageKind kind, std::uint64_t seq) const {
  WireHeader header;
  header.kind = kind;
  header.producer = id_;
  header.seq = Seq{seq};
  header.base = Seq{held_.empty() ? added_ + 1 : held_.front().seq};
  header.expected_sink = expected_sink_;
  header.round = round_;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&seq), 8, header.exchange.bytes.begin());
  std::copy_n(id_.bytes.begin(), 8, header.exchange.bytes.begin() + 8);
  return header;
}

bool WireProducer::run(std::chrono::milliseconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (!held_.empty() && std::chrono::steady_clock::now() < end) step();
  return held_.empty();
}

void WireProducer::forget_up_to(std::uint64_t seq) {
  while (!held_.empty() && held_.front().seq <= seq) held_.pop_front();
}

void WireProducer::send_raw(const std::string& header, const std::optional<std::string>& piece) {
  const auto flags = piece ? zmq::send_flags::sndmore : zmq::send_flags::none;
  sockets_->push.send(zmq::buffer(header), flags);
  if (piece) sockets_->push.send(zmq::buffer(*piece), zmq::send_flags::none);
}

void WireProducer::remake() {
  sockets_.reset();
  sockets_ = std::make_unique<Sockets>();
  ++round_;
  ++remakes_;
  sent_ = held_.empty() ? added_ : held_.front().seq - 1;
  in_flight_ = 0;
  for (zmq::socket_t* socket : {&sockets_->push, &sockets_->sub}) {
    socket->set(zmq::sockopt::linger, 0);
    socket->set(zmq::sockopt::reconnect_ivl, 10);
    socket->set(zmq::sockopt::reconnect_ivl_max, 50);
    if (address_.keys.empty()) continue;
    socket->set(zmq::sockopt::curve_serverkey, address_.keys.sink);
    socket->set(zmq::sockopt::curve_publickey, address_.keys.own.public_key);
    socket->set(zmq::sockopt::curve_secretkey, address_.keys.own.secret_key);
  }
  sockets_->sub.set(zmq::sockopt::subscribe, id_.view());
  sockets_->sub.connect(address_.watermarks);
  sockets_->push.connect(address_.records);
  heard_ = std::chrono::steady_clock::now();
  probed_ = heard_;
  send_raw(encode(header(MessageKind::hello, added_)), std::nullopt);
}

void WireProducer::step() {
  send_waiting();
  take_watermarks(std::chrono::milliseconds(5));
  const auto now = std::chrono::steady_clock::now();
  if (now - heard_ > kDeafAfter) remake();
  if (now - heard_ < kProbeAfter || now - probed_ < kProbeAfter) return;
  probed_ = now;
  const std::string probe = encode(header(MessageKind::probe, sent_));
  [[maybe_unused]] const auto sent =
      sockets_->push.send(zmq::buffer(probe), zmq::send_flags::dontwait);
}

void WireProducer::send_waiting() {
  for (const Held& record : held_) {
    if (record.seq <= sent_) continue;
    if (in_flight_ > 0 && in_flight_ + record.piece.size() > kWindowBytes) return;
    if (!send(record)) return;
    sent_ = record.seq;
    in_flight_ += record.piece.size();
  }
}

bool WireProducer::send(const Held& record) {
  WireHeader first = header(MessageKind::record, record.seq);
  first.pieces = static_cast<std::uint32_t>(
      std::max<std::size_t>(1, (record.piece.size() + kMostPieceBytes - 1) / kMostPieceBytes));
  for (first.piece = 0; first.piece < first.pieces; ++first.piece) {
    const std::string_view piece =
        std::string_view(record.piece).substr(first.piece * kMostPieceBytes, kMostPieceBytes);
    first.crc = crc32c(piece);
    first.naming = {};
    if (first.piece == 0) {
      first.naming.started_at = closed_at_.value_or(SystemClock().wall());
      first.naming.closed_at = first.naming.started_at;
      first.naming.session_hint = record.session;
      first.naming.session_source = SessionSource::header;
    }
    const std::string bytes = encode(first);
    const auto flags = zmq::send_flags::sndmore | zmq::send_flags::dontwait;
    if (!sockets_->push.send(zmq::buffer(bytes), flags)) {
      if (first.piece > 0) sent_ = record.seq;  // half of it is gone; the probe will show it
      return false;
    }
    sockets_->push.send(zmq::buffer(piece), zmq::send_flags::none);
  }
  return true;
}

void WireProducer::take_watermarks(std::chrono::milliseconds most) {
  zmq::pollitem_t polled{sockets_->sub.handle(), 0, ZMQ_POLLIN, 0};
  zmq::poll(&polled, 1, most);
  zmq::message_t topic;
  while (sockets_->sub.recv(topic, zmq::recv_flags::dontwait)) {
    zmq::message_t body;
    if (!sockets_->sub.recv(body)) return;
    const auto mark = parse_watermark(body.to_string_view());
    if (!mark) continue;
    last_ = *mark;
    heard_ = std::chrono::steady_clock::now();
    while (!held_.empty() && held_.front().seq <= mark->durable.value) {
      in_flight_ -= std::min<std::uint64_t>(in_flight_, held_.front().piece.size());
      held_.pop_front();
    }
    const bool came_through = mark->round == round_ && mark->probe.value >= sent_;
    if (came_through && mark->accepted.value < sent_) {
      remake();
      return;
    }
  }
}

}  // namespace albicilla::tests
