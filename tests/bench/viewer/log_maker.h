// Makes log files as the sink writes them (SPEC.md, Line; chained), for tests and benches of the
// viewer: single lines by hand, or whole logs of invented conversations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/chain/hash_chain.h"

namespace albicilla::viewer {

// One exchange to be written; request and response are JSON text.
struct MadeLine {
  std::string session = "s1";
  std::string request = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";
  std::string response =
      R"({"id":"r","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yo"}}]})";
  WallTime closed_at;
  std::string id;  // of the exchange; one is made when empty
  std::string dialect = "openai_chat";
  std::string path = "/v1/chat/completions";
  std::string model = "m";
  std::string user;
  std::string client = "openai-node";
  std::string ending = "complete";
  std::string error;
  int status = 200;
  bool streaming = false;
  std::int64_t duration_ms = 1000;
  std::int64_t ttft_ms = 200;
  std::int64_t input_tokens = 10;
  std::int64_t output_tokens = 5;
};

// The line without its chain and newline.
std::string unchained_line(const MadeLine& line, std::uint64_t seq);

// Appends chained lines to the files of a log root, as the sink would.
class LogMaker {
 public:
  explicit LogMaker(std::filesystem::path root) : root_(std::move(root)) {}

  // To `<day of closed_at>/<session>.jsonl`; gives the file's name.
  std::string append(const MadeLine& line);

 private:
  std::filesystem::path root_;
  std::map<std::string, ChainHead> heads_;
  std::uint64_t seq_ = 0;
};

// Invented conversations: the same seed gives the same log.
struct Invention {
  std::uint64_t sessions = 100;
  std::uint32_t days = 1;           // ending at `last_day`
  std::string last_day;             // "2026-01-13"; today when empty
  double turns = 3;                 // on average a session
  std::size_t system_bytes = 1200;  // repeated in every request
  std::size_t user_bytes = 240;     // new with every turn
  std::size_t answer_bytes = 520;
  std::uint64_t seed = 1;
};

// Gives how many bytes were written.
std::uint64_t invent_log(const std::filesystem::path& root, const Invention& invention);

}  // namespace albicilla::viewer
