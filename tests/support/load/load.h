// What a run of the load client has to do and what it has seen: the plan, the count of requests
// still to send, the client's side of the oracle's journal, and the times.
#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/timeline.h"

namespace albicilla::support {

struct LoadPlan {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string path = "/v1/chat/completions";
  std::vector<std::string> fields;  // further header lines, "Name: value"
  std::string prefix = "load";      // of markers and session names
  std::string words;                // for the mock provider, "events=40 interval_ms=100"
  unsigned connections = 64;
  std::uint64_t requests = 1000;
  unsigned stream_percent = 50;
  unsigned abort_percent = 0;    // leaves in the middle of the answer
  unsigned hang_up_percent = 0;  // leaves right at the terminal event, as SDKs do
  unsigned sessions = 100;
  std::size_t prompt_bytes = 0;  // of filler in the request
  std::chrono::milliseconds timeout{60'000};
  std::string journal;
};

// One request and what became of it.
struct Attempt {
  std::uint64_t number = 0;
  std::string marker;
  bool stream = false;
  bool aborts = false;
  bool hangs_up = false;
  bool sent = false;      // at least one byte went out
  bool complete = false;  // framing whole, for a stream the terminal event seen
  bool refused = false;   // answered by the proxy itself
  bool left = false;      // closed on purpose before the end
  unsigned status = 0;
  std::uint64_t request_bytes = 0;
  std::string request_sha256;
  std::uint64_t response_bytes = 0;
  Timeline timeline;  // when they came
  std::string response_sha256;
  std::string error;
  std::chrono::steady_clock::time_point begun;
  std::optional<std::chrono::microseconds> first_byte;
};

// Not thread safe: lives on the load client's loop.
class Load {
 public:
  explicit Load(LoadPlan plan);

  const LoadPlan& plan() const { return plan_; }
  // The next request to send; nullopt when all have been given out.
  std::optional<Attempt> next();
  std::string body_of(const Attempt& attempt) const;
  std::string session_of(const Attempt& attempt) const;
  void finished(const Attempt& attempt);
  bool all_finished() const { return finished_ == plan_.requests; }
  // No further request; those under way go on.
  void end() { plan_.requests = given_; }
  // Counts and times as one JSON object.
  std::string summary() const;
  std::uint64_t complete() const { return complete_; }

 private:
  void write_journal(const Attempt& attempt);

  LoadPlan plan_;
  std::ofstream journal_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::uint64_t given_ = 0;
  std::uint64_t finished_ = 0;
  std::uint64_t complete_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t refused_ = 0;
  std::map<unsigned, std::uint64_t> statuses_;
  std::map<std::string, std::uint64_t> errors_;
  std::vector<std::int64_t> latency_us_;
  std::vector<std::int64_t> first_byte_us_;
};

}  // namespace albicilla::support
