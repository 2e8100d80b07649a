// Files that hold the lines of many sessions: the same rows as from a file for each session, in
// bounded memory.
#include <sys/resource.h>
#include <sys/wait.h>

#include "common/base/log.h"
#include "common/chain/hash_chain.h"
#include "common/chain/tombstone.h"
#include "tests/support/packed.h"
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
  write_log("mixed.jsonl.zst", tests::packed_zstd(mixed));
  EXPECT_EQ(rows(), apart);
}

// Sessions that stand one after another are read in one walk, unless -v asks for what was read.
TEST_F(MixedSessions, ThatStandOneAfterAnotherGiveTheSameBytesInOneWalkAsInTwo) {
  std::string log;
  for (int session = 0; session < 30; ++session) {
    for (int turn = 0; turn < 4; ++turn) {
      log += exchange("s" + std::to_string(session), turn) + (turn == session % 7 ? "{torn\n" : "");
    }
  }
  const std::vector<std::string> ends = {"",  // one after another to the end
                                         exchange("s3", 4) + exchange("s40", 0),  // one comes back
                                         exchange("s40", 0) + exchange("s41", 3)};  // two more
  for (const std::string& end : ends) {
    for (const std::size_t jobs : {1, 3}) {
      write_log("a.jsonl", exchange("first", 0));
      write_log("mixed.jsonl", log + end);
      options_.jobs = jobs;
      options_.verbose = true;
      const auto in_two = files();
      options_.verbose = false;
      EXPECT_EQ(files(), in_two) << end;
    }
  }
}

// The ids of calls are no part of what makes two conversations the same.
TEST_F(MixedSessions, ThatSayTheSameKeepTheirOwnIds) {
  const std::string user = R"({"role":"user","content":"asked"})";
  std::string log;
  for (const std::string session : {"a", "b", "c"}) {
    const std::string id = "call_of_" + session;
    const std::string call = R"({"role":"assistant","tool_calls":[{"id":")" + id +
                             R"(","type":"function","function":{"name":"f","arguments":"{}"}}]})";
    const std::string result = R"({"role":"tool","tool_call_id":")" + id + R"(","content":"1"})";
    const std::string said = R"({"role":"assistant","content":"said"})";
    const std::string histories[] = {user, user + "," + call + "," + result};
    for (int turn = 0; turn < 2; ++turn) {
      log += R"({"timestamp":"2026-01-13T10:00:0)" + std::to_string(turn) +
             R"(.000000+00:00","session_id":")" + session + R"(","request":{"messages":[)" +
             histories[turn] + R"(],"tools":[{"type":"function","function":{"name":"f"}}]},)" +
             R"("response":{"choices":[{"index":0,"message":)" + (turn == 0 ? call : said) +
             R"(,"finish_reason":"stop"}]}})" + "\n";
    }
  }
  write_log("log.jsonl", log);
  std::istringstream rows(files().at("conversations.jsonl"));
  for (const std::string session : {"a", "b", "c"}) {
    std::string row;
    ASSERT_TRUE(std::getline(rows, row));
    const std::string id = R"("call_of_)" + session + "\"";
    EXPECT_NE(row.find(R"("id":)" + id), std::string::npos) << row;
    EXPECT_NE(row.find(R"("tool_call_id":)" + id), std::string::npos) << row;
  }
}

TEST_F(MixedSessions, AreAllLeftOutWhenTheirFilesChainBreaksBehindThem) {
  for (const int broken : {1, 4, 8}) {
    std::string log;
    ChainHead head = chain_start("log.jsonl");
    for (int line = 0; line < 9; ++line) {
      std::string text = exchange("s" + std::to_string(line / 3), line % 3);
      text.resize(text.size() - 2);  // its closing brace and the newline
      head = chain_next(head, line_digest(text, "log.jsonl", head.n + 1));
      append_chain(text, head);
      if (line == broken) text.replace(text.find("said"), 4, "SAID");
      log += text + "\n";
    }
    write_log("log.jsonl", log);
    write_log("sound.jsonl", exchange("sound", 0));
    EXPECT_EQ(rows().size(), 2U) << broken;
    options_.verbose = true;
    const auto in_two = files();
    options_.verbose = false;
    EXPECT_EQ(files(), in_two) << broken;
  }
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
