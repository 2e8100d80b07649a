// Files that hold the lines of many sessions: the same rows as from a file for each session, in
// bounded memory.
#include <sys/resource.h>
#include <sys/wait.h>
#include <zstd.h>

#include "common/base/log.h"
#include "tests/unit/converter/conversion.h"

namespace albicilla {
namespace {

std::string exchange(const std::string& session, int turn) {
  std::string messages;
  for (int i = 0; i <= turn; ++i) {
    if (i > 0)
      messages += R"(,{"role":"assistant","content":"said )" + std::to_string(i - 1) + "\"},";
    messages += R"({"role":"user","content":"asked )" + std::to_string(i) + "\"}";
  }
  return R"({"timestamp":"2026-01-13T10:00:0)" + std::to_string(turn) +
         R"(.000000+00:00","session_id":")" + session + R"(","request":{"messages":[)" + messages +
         R"(]},"response":{"id":")" + session +
         R"(","choices":[{"index":0,"message":{"role":"assistant","content":"said )" +
         std::to_string(turn) + R"("},"finish_reason":"stop"}]}})" + "\n";
}

class MixedSessions : public Conversion {
 protected:
  void SetUp() override {
    Conversion::SetUp();
    configure_log("test", LogLevel::error);
    choose("openai");
  }

  // Each row and its provenance, in one order.
  std::vector<std::string> rows() {
    const auto written = files();
    std::vector<std::string> rows;
    for (const char* name : {"conversations.jsonl", "conversations.meta.jsonl"}) {
      std::istringstream lines(written.at(name));
      for (std::string line; std::getline(lines, line);) rows.push_back(line);
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }
};

TEST_F(MixedSessions, AreTheSameRowsAsFromAFileForEach) {
  std::string mixed;
  for (int turn = 0; turn < 4; ++turn) {
    for (int session = 0; session < 30; ++session) {
      mixed += exchange("s" + std::to_string(session), turn) + (session == 7 ? "{torn\n" : "");
    }
  }
  for (int session = 0; session < 30; ++session) {
    const std::string name = "s" + std::to_string(session);
    std::string log;
    for (int turn = 0; turn < 4; ++turn) log += exchange(name, turn);
    write_log("2026-01-13/" + name + ".jsonl", log);
  }
  const auto apart = rows();
  EXPECT_EQ(apart.size(), 60U);

  std::filesystem::remove_all(options_.logs);
  write_log("mixed.jsonl", mixed);
  EXPECT_EQ(rows(), apart);
  EXPECT_NE(written("rejects.jsonl").find("\"line\": 9"), std::string::npos);

  std::filesystem::remove_all(options_.logs);
  std::string packed(ZSTD_compressBound(mixed.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), mixed.data(), mixed.size(), 1));
  write_log("mixed.jsonl.zst", packed);
  EXPECT_EQ(rows(), apart);
}

TEST_F(MixedSessions, OfOneFileGiveTheLongestPathOfAll) {
  write_log("mixed.jsonl", exchange("a", 0) + exchange("b", 0) + exchange("a", 1) +
                               exchange("b", 1) + exchange("b", 2) + exchange("c", 0));
  options_ = {};
  options_.logs = root_ / "logs";
  options_.output = root_ / "out";
  options_.single_file = true;
  EXPECT_NE(files().at("conversations.jsonl").find("said 2"), std::string::npos);
}

TEST_F(MixedSessions, NeedNoMoreMemoryThanPromised) {
  std::string log;
  for (int session = 0; session < 125000; ++session) {
    log += exchange("session-" + std::to_string(session), 0);
  }
  write_log("log.jsonl", log);
  log = {};
  const pid_t child = fork();
  if (child == 0) {
    std::ostringstream out;
    _exit(convert(options_, out));
  }
  int status = -1;
  rusage usage{};
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(usage.ru_maxrss, 64 * 1024);
#endif
}

}  // namespace
}  // namespace albicilla
