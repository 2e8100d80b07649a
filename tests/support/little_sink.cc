#include "tests/support/little_sink.h"

#include <algorithm>
#include <utility>

#include <zmq.hpp>

#include "common/base/crc32c.h"

namespace albicilla::tests {

namespace {

constexpr std::chrono::milliseconds kPublishPause{50};

}  // namespace

struct LittleSink::Sockets {
  zmq::context_t context{1};
  zmq::socket_t pull{context, zmq::socket_type::pull};
  zmq::socket_t pub{context, zmq::socket_type::pub};
};

LittleSink::LittleSink(const std::string& directory)
    : directory_(directory), id_(random_id<SinkId>()) {}

LittleSink::~LittleSink() { stop(); }

SinkAddress LittleSink::address() const {
  return {"ipc://" + directory_ + "/records", "ipc://" + directory_ + "/watermarks", {}};
}

void LittleSink::start() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = false;
    ++epoch_;
  }
  sockets_ = std::make_unique<Sockets>();
  sockets_->pull.set(zmq::sockopt::linger, 0);
  sockets_->pub.set(zmq::sockopt::linger, 0);
  sockets_->pull.bind(address().records);
  sockets_->pub.bind(address().watermarks);
  thread_ = std::thread([this] { run(); });
}

void LittleSink::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
  sockets_.reset();
  for (auto& [id, producer] : producers_) {
    producer.accepted = producer.durable;
    producer.accepted_records.clear();
    producer.next_piece = 0;
    producer.probe = Seq{};
    producer.round = 0;
  }
}

void LittleSink::run() {
  auto publish_at = std::chrono::steady_clock::now();
  while (true) {
    zmq::pollitem_t item{sockets_->pull.handle(), 0, ZMQ_POLLIN, 0};
    zmq::poll(&item, 1, std::chrono::milliseconds(5));
    zmq::message_t header_frame;
    zmq::message_t piece_frame;
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    bool heard = false;
    while (sockets_->pull.recv(header_frame, zmq::recv_flags::dontwait)) {
      std::string piece;
      if (header_frame.more()) {
        (void)sockets_->pull.recv(piece_frame);
        piece = piece_frame.to_string();
      }
      if (const auto header = parse_wire_header(header_frame.to_string_view())) {
        take(*header, piece);
        heard = true;
      }
    }
    make_durable();
    const auto now = std::chrono::steady_clock::now();
    if (heard || now >= publish_at) {
      publish_all();
      publish_at = now + kPublishPause;
    }
    changed_.notify_all();
  }
}

void LittleSink::take(const WireHeader& header, const std::string& piece) {
  Producer& from = producers_[header.producer];
  if (header.kind == MessageKind::hello) ++hellos_;
  if (header.retired) retired_[header.producer] = {header.opened, header.seq};
  if (header.kind == MessageKind::probe) {
    from.probe = header.seq;
    from.round = header.round;
  }
  if (carries_line(header.kind) && lose_ > 0) {
    --lose_;
    return;
  }
  if (carries_line(header.kind) && !accepting_) return;
  if (header.base.value > from.accepted.value + 1) {
    gaps_.push_back({header.producer, Seq{from.accepted.value + 1}, Seq{header.base.value - 1}});
    from.accepted = Seq{header.base.value - 1};
  }
  if (carries_line(header.kind)) take_piece(from, header, piece);
}

void LittleSink::take_piece(Producer& from, const WireHeader& header, const std::string& piece) {
  if (header.seq <= from.accepted) {
    ++duplicates_;
    return;
  }
  if (header.seq.value != from.accepted.value + 1 || crc32c(piece) != header.crc) return;
  if (header.piece == 0) {
    from.growing = {header.producer, header.seq, header.kind, header.exchange, "", header.naming};
    from.next_piece = 0;
  }
  if (header.piece != from.next_piece) return;
  from.growing.middle += piece;
  ++from.next_piece;
  if (from.next_piece < header.pieces) return;
  from.next_piece = 0;
  from.accepted = header.seq;
  from.accepted_records.push_back(std::move(from.growing));
}

void LittleSink::make_durable() {
  if (keep_from_disk_) return;
  for (auto& [id, producer] : producers_) {
    producer.durable = producer.accepted;
    std::move(producer.accepted_records.begin(), producer.accepted_records.end(),
              std::back_inserter(durable_));
    producer.accepted_records.clear();
  }
}

void LittleSink::publish_all() {
  for (const auto& [id, producer] : producers_) publish(id, producer);
}

void LittleSink::publish(const ProducerId& id, const Producer& producer) {
  Watermark watermark;
  watermark.producer = id;
  watermark.sink = id_;
  watermark.epoch = epoch_;
  watermark.durable = Seq{producer.durable.value + claim_above_};
  watermark.accepted = Seq{producer.accepted.value + claim_above_};
  watermark.probe = producer.probe;
  watermark.round = producer.round;
  watermark.accepting = accepting_;
  watermark.window_bytes = window_bytes_;
  watermark.session_secret = "secret of the little sink";
  sockets_->pub.send(zmq::buffer(id.view()), zmq::send_flags::sndmore);
  sockets_->pub.send(zmq::buffer(encode(watermark)), zmq::send_flags::none);
}

std::vector<LittleSink::Taken> LittleSink::taken() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

std::vector<LittleSink::Gap> LittleSink::gaps() const {
  const std::lock_guard lock(mutex_);
  return gaps_;
}

std::uint64_t LittleSink::duplicates() const {
  const std::lock_guard lock(mutex_);
  return duplicates_;
}

std::uint64_t LittleSink::hellos() const {
  const std::lock_guard lock(mutex_);
  return hellos_;
}

bool LittleSink::wait_for_retired(std::size_t producers) const {
  return wait_until([&] { return retired_.size() >= producers; });
}

std::map<ProducerId, LittleSink::Totals> LittleSink::retired() const {
  const std::lock_guard lock(mutex_);
  return retired_;
}

bool LittleSink::wait_for(std::size_t records) const {
  return wait_until([&] { return durable_.size() >= records; });
}

void LittleSink::lose_records(std::uint64_t messages) {
  const std::lock_guard lock(mutex_);
  lose_ = messages;
}

void LittleSink::keep_from_disk(bool kept) {
  const std::lock_guard lock(mutex_);
  keep_from_disk_ = kept;
}

void LittleSink::set_accepting(bool accepting) {
  const std::lock_guard lock(mutex_);
  accepting_ = accepting;
}

void LittleSink::set_window(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  window_bytes_ = bytes;
}

void LittleSink::set_identity(const SinkId& id, std::uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  id_ = id;
  epoch_ = epoch;
}

void LittleSink::claim_above(std::uint64_t more) {
  const std::lock_guard lock(mutex_);
  claim_above_ = more;
}

}  // namespace albicilla::tests
