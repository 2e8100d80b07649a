#include "tests/bench/viewer/log_maker.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

#include "common/base/id128.h"
#include "common/json/scan.h"
#include "converter/reading/log_entry.h"

namespace albicilla::viewer {
namespace {

std::string json_quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string made_id(std::uint64_t seq) {
  char text[40];
  std::snprintf(text, sizeof text, "0190c0de-7a3b-7c11-9f00-%012llx",
                static_cast<unsigned long long>(seq));
  return text;
}

constexpr std::string_view kRequestHeaders =
    R"([["host","127.0.0.1:9000"],["user-agent","OpenAI/JS 6.49.0"],["accept","application/json"],)"
    R"(["content-type","application/json"],["authorization","[REDACTED]"],["x-stainless-lang","js"],)"
    R"(["x-stainless-package-version","6.49.0"],["x-stainless-os","Linux"],["x-stainless-arch","x64"],)"
    R"(["x-stainless-runtime","node"],["x-stainless-retry-count","0"],["accept-encoding","gzip, br"]])";
constexpr std::string_view kResponseHeaders =
    R"([["content-type","application/json"],["x-request-id","req_0123456789abcdef"],)"
    R"(["openai-processing-ms","812"],["x-ratelimit-limit-requests","10000"],)"
    R"(["x-ratelimit-remaining-requests","9999"],["date","Tue, 13 Jan 2026 10:00:00 GMT"]])";

constexpr std::array<std::string_view, 5> kModels = {"gpt-4o-mini", "gpt-4o", "claude-sonnet-4-5",
                                                     "o4-mini", "llama-3.3-70b"};
constexpr std::array<std::string_view, 6> kUsers = {"ann", "ben", "chloe", "dmitri", "eve", ""};
constexpr std::array<std::string_view, 4> kClients = {"openai-node", "openai-python", "claude-code",
                                                      "codex"};

// Words of unequal frequency, as in real text: a few are everywhere, most are rare.
class Speaker {
 public:
  explicit Speaker(std::uint64_t seed) : random_(seed) {
    constexpr std::string_view kConsonants = "bcdfghklmnprstvz";
    constexpr std::string_view kVowels = "aeiou";
    for (std::size_t i = 0; i < kWords; ++i) {
      std::string word;
      const std::size_t syllables = 1 + pick(4);
      for (std::size_t s = 0; s < syllables; ++s) {
        word += kConsonants[pick(kConsonants.size())];
        word += kVowels[pick(kVowels.size())];
      }
      words_.push_back(std::move(word));
    }
  }

  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_() % below); }
  double fraction() { return static_cast<double>(random_() >> 11) / 9007199254740992.0; }

  std::string say(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
      const double rank = std::pow(static_cast<double>(kWords), fraction());
      if (!text.empty()) text += pick(12) == 0 ? ". " : " ";
      text += words_[std::min(kWords - 1, static_cast<std::size_t>(rank) - 1)];
    }
    return text;
  }

 private:
  static constexpr std::size_t kWords = 50000;
  std::mt19937_64 random_;
  std::vector<std::string> words_;
};

WallTime start_of_day(const std::string& day) {
  if (!day.empty()) {
    if (const auto time = parse_iso8601(day + "T00:00:00+00:00")) return *time;
  }
  return std::chrono::floor<std::chrono::days>(SystemClock().wall());
}

class Inventor {
 public:
  Inventor(const std::filesystem::path& root, const Invention& invention)
      : root_(root), wish_(invention), speaker_(invention.seed) {
    for (int i = 0; i < 20; ++i) systems_.push_back(speaker_.say(wish_.system_bytes));
  }

  std::uint64_t run() {
    const WallTime last = start_of_day(wish_.last_day);
    for (std::uint64_t i = 0; i < wish_.sessions; ++i) {
      const auto back = std::chrono::days(static_cast<int>(speaker_.pick(wish_.days)));
      write_session(i, last - back);
    }
    return bytes_;
  }

 private:
  void write_session(std::uint64_t number, WallTime day) {
    MadeLine line;
    char name[48];
    std::snprintf(name, sizeof name, "session-%07llu", static_cast<unsigned long long>(number));
    line.session = name;
    line.model = kModels[speaker_.pick(kModels.size())];
    line.user = kUsers[speaker_.pick(kUsers.size())];
    line.client = kClients[speaker_.pick(kClients.size())];
    WallTime at = day + std::chrono::seconds(speaker_.pick(80000));
    const auto turns = static_cast<std::size_t>(1 + speaker_.fraction() * (2 * wish_.turns - 1));
    std::string history = R"({"role":"system","content":)" +
                          json_quoted(systems_[speaker_.pick(systems_.size())]) + "}";
    const std::string file = utc_day(day) + "/" + line.session + ".jsonl";
    ChainHead head = chain_start(file);
    std::string text;
    for (std::size_t turn = 0; turn < turns; ++turn) {
      take_turn(line, history, turn);
      at += std::chrono::seconds(2 + speaker_.pick(40));
      line.closed_at = at;
      append_line(text, line, head);
    }
    std::filesystem::create_directories(root_ / utc_day(day));
    std::ofstream(root_ / file, std::ios::binary) << text;
    bytes_ += text.size();
  }

  void take_turn(MadeLine& line, std::string& history, std::size_t turn) {
    const std::size_t asked = wish_.user_bytes / 2 + speaker_.pick(wish_.user_bytes);
    const std::size_t said = wish_.answer_bytes / 2 + speaker_.pick(wish_.answer_bytes);
    history += R"(,{"role":"user","content":)" + json_quoted(speaker_.say(asked)) + "}";
    line.request = R"({"model":)" + json_quoted(line.model) + R"(,"messages":[)" + history +
                   R"(],"temperature":0.7,"stream":true})";
    const bool fails = speaker_.pick(50) == 0;
    line.status = fails ? 429 : 200;
    line.streaming = !fails;
    line.duration_ms = static_cast<std::int64_t>(400 + speaker_.pick(8000));
    line.ttft_ms = static_cast<std::int64_t>(90 + speaker_.pick(300));
    line.input_tokens = static_cast<std::int64_t>(line.request.size() / 4);
    line.output_tokens = static_cast<std::int64_t>(said / 4);
    if (fails) {
      line.response = R"({"error":{"message":"rate limit reached","type":"requests"}})";
      return;
    }
    const std::string answer =
        R"({"role":"assistant","content":)" + json_quoted(speaker_.say(said)) + "}";
    line.response = R"({"id":"chatcmpl-)" + line.session + "-" + std::to_string(turn) +
                    R"(","object":"chat.completion","model":)" + json_quoted(line.model) +
                    R"(,"choices":[{"index":0,"message":)" + answer +
                    R"(,"finish_reason":"stop"}],"usage":{"prompt_tokens":)" +
                    std::to_string(line.input_tokens) + R"(,"completion_tokens":)" +
                    std::to_string(line.output_tokens) + "}}";
    history += "," + answer;
  }

  void append_line(std::string& text, const MadeLine& line, ChainHead& head) {
    std::string chained = unchained_line(line, ++seq_);
    chained.pop_back();
    head = chain_next(head, sha256(chained));
    append_chain(chained, head);
    text += chained;
    text += '\n';
  }

  std::filesystem::path root_;
  Invention wish_;
  Speaker speaker_;
  std::vector<std::string> systems_;
  std::uint64_t seq_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::string unchained_line(const MadeLine& line, std::uint64_t seq) {
  const WallTime started = line.closed_at - std::chrono::milliseconds(line.duration_ms);
  std::string out =
      R"({"timestamp":")" + iso8601(line.closed_at) + R"(","session_id":)" +
      json_quoted(line.session) + R"(,"request":)" + line.request + R"(,"response":)" +
      line.response + R"(,"exchange":{"id":)" +
      json_quoted(line.id.empty() ? made_id(seq) : line.id) +
      R"(,"producer":"00112233445566778899aabbccddeeff","seq":)" + std::to_string(seq) +
      R"(,"worker":0,"started_at":")" + iso8601(started) + R"(","duration_ms":)" +
      std::to_string(line.duration_ms) + R"(,"ttft_ms":)" + std::to_string(line.ttft_ms) +
      R"(,"method":"POST","path":)" + json_quoted(line.path) + R"(,"query":"","status":)" +
      std::to_string(line.status) + R"(,"ending":)" + json_quoted(line.ending) +
      R"(,"streaming":)" + (line.streaming ? "true" : "false") + R"(,"dialect":)" +
      json_quoted(line.dialect) +
      R"(,"upstream":"https://api.openai.com","upstream_id":"","model":)" + json_quoted(line.model);
  out += R"(,"user_id":)" + json_quoted(line.user) + R"(,"client_app":)" +
         json_quoted(line.client) + R"(,"client_ip":"127.0.0.1","attempt":0,"request_headers":)" +
         std::string(kRequestHeaders) + R"(,"response_headers":)" + std::string(kResponseHeaders) +
         R"(,"request_bytes":)" + std::to_string(line.request.size()) + R"(,"response_bytes":)" +
         std::to_string(line.response.size()) + R"(,"chunks":1,"usage":{"input_tokens":)" +
         std::to_string(line.input_tokens) + R"(,"output_tokens":)" +
         std::to_string(line.output_tokens) + R"(,"total_tokens":)" +
         std::to_string(line.input_tokens + line.output_tokens) +
         R"(,"cached_tokens":null,"reasoning_tokens":null,"source":"exact"},"error":)" +
         (line.error.empty() ? "null" : json_quoted(line.error)) +
         R"(,"redactions":{"header":1},"truncated":false}})";
  return out;
}

std::string LogMaker::append(const MadeLine& line) {
  const std::string file = utc_day(line.closed_at) + "/" + line.session + ".jsonl";
  auto [head, added] = heads_.try_emplace(file);
  if (added) head->second = chain_start(file);
  std::string text = unchained_line(line, ++seq_);
  text.pop_back();
  head->second = chain_next(head->second, sha256(text));
  append_chain(text, head->second);
  text += '\n';
  std::filesystem::create_directories(root_ / utc_day(line.closed_at));
  std::ofstream(root_ / file, std::ios::binary | std::ios::app) << text;
  return file;
}

std::uint64_t invent_log(const std::filesystem::path& root, const Invention& invention) {
  return Inventor(root, invention).run();
}

}  // namespace albicilla::viewer
