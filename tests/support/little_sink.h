// A sink of a few lines for tests of the outbox: real sockets, the accept rule of DELIVERY.md, and
// switches for everything that can go wrong between the two. It holds its records in memory, and
// what it calls durable survives stop() and start().
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/record/wire.h"
#include "proxy/outbox/sink_link.h"

namespace albicilla::tests {

class LittleSink {
 public:
  struct Taken {
    ProducerId producer;
    Seq seq;
    MessageKind kind = MessageKind::record;
    ExchangeId exchange;
    std::string middle;
    RecordNaming naming;
  };
  struct Gap {
    ProducerId producer;
    Seq from;
    Seq to;
  };

  // Binds its two ipc sockets in `directory`, which must exist.
  explicit LittleSink(const std::string& directory);
  ~LittleSink();

  SinkAddress address() const;

  void start();
  // Like a kill: what was accepted but not durable is forgotten; the next start has the next epoch.
  void stop();

  // Any thread. All that is durable, in the order of acceptance.
  std::vector<Taken> taken() const;
  std::vector<Gap> gaps() const;
  std::uint64_t duplicates() const;
  std::uint64_t hellos() const;
  // Waits until so many producers have said that they retire; false when that takes longer than 10
  // s.
  bool wait_for_retired(std::size_t producers) const;
  // What they said then.
  struct Totals {
    std::optional<std::uint64_t> opened;
    Seq closed;
  };
  std::map<ProducerId, Totals> retired() const;
  // Waits until that many records are durable; false when that takes longer than 10 s.
  bool wait_for(std::size_t records) const;
  // Waits until `done` holds, called under the sink's lock whenever something has come.
  template <class Done>
  bool wait_until(Done done) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), done);
  }

  // What goes wrong from now on.
  void lose_records(std::uint64_t messages);  // so many record messages vanish
  void keep_from_disk(bool kept);             // accepted grows, durable does not
  void set_accepting(bool accepting);
  void set_window(std::uint64_t bytes);
  void set_identity(const SinkId& id, std::uint64_t epoch);
  void claim_above(std::uint64_t more);  // watermarks say so much more than was taken

 private:
  struct Producer {
    Seq accepted;
    Seq durable;
    Seq probe;
    std::uint32_t round = 0;
    std::vector<Taken> accepted_records;  // not durable
    Taken growing;                        // pieces so far
    std::uint32_t next_piece = 0;
  };
  struct Sockets;

  void run();
  void take(const WireHeader& header, const std::string& piece);
  void take_piece(Producer& from, const WireHeader& header, const std::string& piece);
  void make_durable();
  void publish_all();
  void publish(const ProducerId& id, const Producer& producer);

  const std::string directory_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<ProducerId, Producer> producers_;
  std::vector<Taken> durable_;
  std::vector<Gap> gaps_;
  SinkId id_;
  std::uint64_t epoch_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t hellos_ = 0;
  std::map<ProducerId, Totals> retired_;
  std::uint64_t lose_ = 0;
  std::uint64_t claim_above_ = 0;
  std::uint64_t window_bytes_ = std::uint64_t{8} << 20;
  bool keep_from_disk_ = false;
  bool accepting_ = true;
  bool stopping_ = false;
  std::unique_ptr<Sockets> sockets_;
  std::thread thread_;
};

}  // namespace albicilla::tests
