// A worker's end of the wire in a few lines, for tests of the sink: sends records, keeps each until
// a watermark covers it, probes when idle, and sends everything again on new sockets when a probe
// came through and the records did not. One thread uses it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "common/io/curve_keys.h"
#include "common/record/wire.h"

namespace albicilla::tests {

class WireProducer {
 public:
  struct Address {
    std::string records;
    std::string watermarks;
    WorkerCurveKeys keys{};  // empty: in the clear
  };

  WireProducer(Address address, std::uint8_t number);
  ~WireProducer();
  WireProducer(const WireProducer&) = delete;
  WireProducer& operator=(const WireProducer&) = delete;

  ProducerId id() const { return id_; }
  // The next record, `pad` bytes more than its least; held until it is durable. Sent by run().
  void add(const std::string& session, std::size_t pad = 0);
  // The day of records that are added from now on; now until told.
  void date(WallTime closed_at) { closed_at_ = closed_at; }
  // Works until everything added is durable or the time is over; true when it is.
  bool run(std::chrono::milliseconds most);
  // Works until `done` holds of the last watermark.
  template <class Done>
  bool run_until(Done done, std::chrono::milliseconds most) {
    const auto end = std::chrono::steady_clock::now() + most;
    while (std::chrono::steady_clock::now() < end) {
      step();
      if (last_ && done(*last_)) return true;
    }
    return false;
  }

  const std::optional<Watermark>& last() const { return last_; }
  std::uint64_t added() const { return added_; }
  std::uint64_t remakes() const { return remakes_; }
  void expect_sink(const SinkId& sink) { expected_sink_ = sink; }
  // As if those up to `seq` had been lost with the disk: they are never sent again.
  void forget_up_to(std::uint64_t seq);
  // Any frames, as a broken or hostile peer would send them.
  void send_raw(const std::string& header, const std::optional<std::string>& piece);
  WireHeader header(MessageKind kind, std::uint64_t seq) const;

 private:
  struct Held {
    std::uint64_t seq = 0;
    std::string session;
    std::string piece;
  };
  struct Sockets;

  void remake();
  void step();
  void send_waiting();
  bool send(const Held& record);
  void take_watermarks(std::chrono::milliseconds most);

  Address address_;
  ProducerId id_;
  std::uint8_t number_;
  SinkId expected_sink_;
  std::deque<Held> held_;
  std::optional<WallTime> closed_at_;
  std::uint64_t added_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint32_t round_ = 0;
  std::uint64_t remakes_ = 0;
  std::optional<Watermark> last_;
  std::chrono::steady_clock::time_point heard_;
  std::chrono::steady_clock::time_point probed_;
  std::unique_ptr<Sockets> sockets_;
};

}  // namespace albicilla::tests
