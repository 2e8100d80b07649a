// A sink without sockets and threads on any file system: starts, takes records, commits,
// checkpoints and is checked against what it promised. One step at a time, so that a test can stop
// it anywhere.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/io/file.h"
#include "sink/log/decisions.h"
#include "sink/log/identity.h"
#include "sink/log/recovery.h"
#include "sink/log/sealer.h"

namespace albicilla::tests {

class FixedClock final : public Clock {
 public:
  WallTime wall() const override { return wall_; }
  SteadyTime steady() const override { return SteadyTime{}; }
  void set(WallTime wall) { wall_ = wall; }

 private:
  WallTime wall_{Microseconds(1768298400000000)};  // 2026-01-13T10:00:00Z
};

ProducerId producer_id(std::uint8_t number);
ExchangeId exchange_id(std::uint8_t producer, std::uint64_t seq);
// A record of that producer; its exchange id and its line tell producer and seq.
WireHeader record_header(std::uint8_t producer, std::uint64_t seq, const std::string& session);
std::string record_piece(std::uint8_t producer, std::uint64_t seq);

class SinkRoot {
 public:
  explicit SinkRoot(FileSystem& files, std::string root = "root",
                    std::uint64_t segment_bytes = 4096);

  // A process: start() begins one; the one before is gone, whatever it was doing.
  Status start();
  // As --rebuild does, then start().
  Status rebuild();
  Status take(std::uint8_t producer, std::uint64_t seq, const std::string& session);
  Status take(const WireHeader& header, const std::string& piece);
  Status note_base(std::uint8_t producer, std::uint64_t base);
  Status retire(std::uint8_t producer, std::uint64_t seq,
                std::optional<std::uint64_t> opened = std::nullopt);
  // Append and sync; only then are the records promised.
  Status commit();
  // Lines of all committed groups.
  Status write_lines();
  // Of a state without anything gathered or unwritten: signed, and written unless told otherwise.
  enum class Checkpoint { written, signed_only };
  Status checkpoint(Checkpoint kind = Checkpoint::written);
  // The days up to this one get their final checkpoint, then the log says that they are sealed.
  Status seal_days(const std::string& last);
  // commit, write_lines
  Status finish_group();

  SinkState& state() { return state_; }
  const CheckpointSeen& last_checkpoint() const { return sealer_->last(); }
  SinkCounters& counters() { return counters_; }
  FixedClock& clock() { return clock_; }
  const RecoveryFacts& recovery_facts() const { return recovery_->facts(); }
  const std::string& root() const { return root_; }
  std::string commit_directory() const { return root_ + "/.commit"; }
  // Highest Seq of each producer that was promised, over all starts.
  const std::map<ProducerId, Seq>& promised() const { return promised_; }

 private:
  Status state_what_is(Checkpoint kind, const std::string& final_until);

  FileSystem& files_;
  std::string root_;
  std::uint64_t segment_bytes_;
  FixedClock clock_;
  SinkCounters counters_;
  SinkState state_;
  std::unique_ptr<Checkpoints> checkpoints_;
  std::optional<Sealer> sealer_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<Recovery> recovery_;
  std::unique_ptr<CommitLog> log_;
  std::unique_ptr<Decisions> decisions_;
  std::string group_;
  std::vector<std::string> unwritten_;
  std::map<ProducerId, Seq> promised_;
};

// Reads a chained log file; every fault is a text, none when the chain holds.
std::vector<std::string> chain_faults(const std::string& file, const std::string& content);

}  // namespace albicilla::tests
