#include "tests/fault/oracle.h"

#include <gtest/gtest.h>

#include "tests/support/json_text.h"
#include "tests/support/sha256.h"

namespace albicilla::fault {
namespace {

using support::json_string;
using support::sha256_hex;

struct Change {
  std::string from;
  std::string to;
};

// Three exchanges as a sound pipeline leaves them: a plain one, a streamed one, a refused one.
struct Evidence {
  std::vector<ClientEvidence> client;
  std::vector<ProviderEvidence> provider;
  std::vector<std::string> lines;

  Evidence() {
    add("m-0", false, 1);
    add("m-1", true, 2);
    client.push_back({"m-2", 503, true, true, true, "", 10, sha256_hex("refused")});
  }

  void add(const std::string& marker, bool stream, int seq) {
    const std::string request =
        R"({"messages":[{"role":"user","content":"[[marker )" + marker + R"(]] \"}{\" hi"}]})";
    const std::string text = "answer to " + marker;
    const std::string response =
        R"({"choices":[{"index":0,"message":{"role":"assistant","content":)" + json_string(text) +
        "}}]}";
    const std::string wire = stream ? "data: " + text : response;
    client.push_back(
        {marker, 200, true, true, false, sha256_hex(request), wire.size(), sha256_hex(wire)});
    provider.push_back({marker, 200, stream, sha256_hex(request), wire.size(), sha256_hex(wire),
                        sha256_hex(text), "complete"});
    lines.push_back(
        R"({"timestamp":"t","session_id":"s","request":)" + request + ",\"response\":" + response +
        R"(,"exchange":{"id":"id-)" + marker + R"(","producer":"p","seq":)" + std::to_string(seq) +
        R"(,"status":200,"ending":"complete","streaming":)" + (stream ? "true" : "false") +
        ",\"response_bytes\":" + std::to_string(wire.size()) + R"(},"chain":{"n":1,"h":"00"}})");
  }

  Evidence& alter(std::size_t line, const Change& change) {
    const std::size_t at = lines[line].find(change.from);
    EXPECT_NE(at, std::string::npos) << change.from;
    lines[line].replace(at, change.from.size(), change.to);
    return *this;
  }

  Verdict verdict() const {
    std::vector<LineEvidence> read;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      read.push_back(read_line(lines[i], "log:" + std::to_string(i + 1)));
    }
    return judge(client, provider, read);
  }
};

std::string counts(const Verdict& v) {
  return std::to_string(v.lost) + "/" + std::to_string(v.duplicate) + "/" +
         std::to_string(v.corrupt) + "/" + std::to_string(v.phantom);
}

TEST(Oracle, FindsNothingInASoundLog) {
  const Verdict verdict = Evidence().verdict();
  EXPECT_EQ(counts(verdict), "0/0/0/0") << verdict.text();
  EXPECT_TRUE(verdict.sound());
  EXPECT_EQ(verdict.answered, 2U);
  EXPECT_EQ(verdict.refused, 1U);
}

TEST(Oracle, CallsADeletedLineLost) {
  Evidence evidence;
  evidence.lines.erase(evidence.lines.begin());
  EXPECT_EQ(counts(evidence.verdict()), "1/0/0/0");
}

TEST(Oracle, CallsADoubledLineADuplicate) {
  Evidence evidence;
  evidence.lines.push_back(evidence.lines[1]);
  EXPECT_EQ(counts(evidence.verdict()), "0/1/0/0");
}

TEST(Oracle, CallsASecondLineOfOneRequestADuplicateUnderAnyName) {
  Evidence evidence;
  evidence.lines.push_back(evidence.lines[1]);
  evidence.alter(2, {"id-m-1", "id-other"}).alter(2, {"\"seq\":2", "\"seq\":9"});
  EXPECT_EQ(counts(evidence.verdict()), "0/1/0/0");
}

TEST(Oracle, CallsALineCorruptWhereverItDiffersFromTheJournals) {
  const std::vector<std::pair<std::size_t, Change>> changes = {
      {0, {"hi\"", "ho\""}},                               // request
      {0, {"answer to", "Answer to"}},                     // plain response
      {1, {"answer to", "Answer to"}},                     // streamed response
      {0, {"\"status\":200", "\"status\":201"}},           //
      {0, {"\"streaming\":false", "\"streaming\":true"}},  //
      {0, {"\"ending\":\"complete\"", "\"ending\":\"interrupted\""}},
      {0, {"\"response_bytes\":", "\"response_bytes\":1"}},  //
      {0, {"\"session_id\"", "\"session\""}},                //
      {1, {"\"h\":\"00\"}}", "\"h\":\"00\"}"}},              // not JSON any more
  };
  for (const auto& [line, change] : changes) {
    const Verdict verdict = Evidence().alter(line, change).verdict();
    EXPECT_GE(verdict.corrupt, 1U) << change.from << "\n" << verdict.text();
    EXPECT_EQ(verdict.duplicate + verdict.phantom, 0U) << change.from << "\n" << verdict.text();
  }
}

TEST(Oracle, CallsALineThatNobodySentAPhantom) {
  EXPECT_EQ(Evidence().alter(0, {"marker m-0", "marker m-9"}).verdict().phantom, 1U);
}

TEST(Oracle, CallsACompleteLineOfABrokenAnswerAPhantom) {
  Evidence evidence;
  evidence.provider[1].ending = "cut";
  evidence.client[1].complete = false;
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/1");
}

TEST(Oracle, TakesAnAnswerForWholeWhenOnlyItsEndWasCut) {
  Evidence evidence;
  evidence.provider[1].ending = "client_gone";
  evidence.provider[1].said_all = true;
  evidence.client[1].complete = false;
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/0");
}

TEST(Oracle, AllowsAnUnansweredRequestNoneOrOneLine) {
  Evidence evidence;
  evidence.client[0].complete = false;
  evidence.client[0].status = 0;
  evidence.alter(0, {"\"ending\":\"complete\"", "\"ending\":\"interrupted\""});
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/0");
  evidence.lines.erase(evidence.lines.begin());
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/0");
}

TEST(Oracle, CallsABegunAnswerWithoutALineLost) {
  Evidence evidence;
  evidence.client[1].complete = false;
  EXPECT_EQ(evidence.verdict().interrupted, 1U);
  evidence.lines.erase(evidence.lines.begin() + 1);
  EXPECT_EQ(counts(evidence.verdict()), "1/0/0/0");
}

TEST(Oracle, MissesWhatABrokenAnswerHadShownTheClientMoreThanAMomentBefore) {
  using std::chrono::microseconds;
  Evidence evidence;
  evidence.alter(1, {"\"ending\":\"complete\"", "\"ending\":\"interrupted\""});
  ClientEvidence& client = evidence.client[1];
  const std::uint64_t held = client.response_bytes;
  client.complete = false;
  evidence.provider[1].timeline = {{microseconds(0), held + 1}, {microseconds(20'000), held + 9}};
  client.timeline = {{microseconds(9'000), held},
                     {microseconds(9'999), held + 1},
                     {microseconds(90'000), held + 9}};
  EXPECT_EQ(counts(evidence.verdict()), "0/0/1/0");
  // Had it passed within the last moment, or might it have: the provider sent the end early enough.
  client.timeline[1].when = microseconds(10'000);
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/0");
  client.timeline[1].when = microseconds(9'999);
  evidence.provider[1].timeline[1].when = microseconds(19'999);
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/0");
}

TEST(Oracle, CallsMoreThanTheProviderSentCorrupt) {
  Evidence evidence;
  evidence.alter(1, {"\"ending\":\"complete\"", "\"ending\":\"interrupted\""});
  evidence.client[1].complete = false;
  evidence.client[1].timeline = {{std::chrono::microseconds(1), 1}};
  EXPECT_EQ(counts(evidence.verdict()), "0/0/1/0");
}

TEST(Oracle, AllowsABeginningWithoutABodyOncePerUnansweredRequestOfItsSession) {
  const std::string beginning =
      R"({"timestamp":"t","session_id":"s-9","request":null,"response":null,"exchange":{"id":"id-9",)"
      R"("producer":"q","seq":1,"ending":"interrupted"},"chain":{"n":1,"h":"00"}})";
  Evidence evidence;
  evidence.lines.push_back(beginning);
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/1");
  evidence.client.push_back({"m-9", 0, true, false, false, "", 0, "", "s-9"});
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/0");
  evidence.client.back().session = "s-8";
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/1");
  evidence.client.back().session = "s-9";
  evidence.client.back().sent = false;
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/1");
  evidence.client.back().sent = true;
  evidence.lines.push_back(beginning);
  EXPECT_EQ(counts(evidence.verdict()), "0/1/0/0");
  evidence.alter(3, {"id-9", "id-10"}).alter(3, {"\"seq\":1", "\"seq\":2"});
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/1");
  evidence.lines.pop_back();
  evidence.alter(2, {"\"interrupted\"", "\"complete\""});
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/1");
}

TEST(Oracle, CallsALineWithoutAnythingInItCorruptWhenItsAnswerHadBegun) {
  Evidence evidence;
  evidence.client[1].session = "s";
  evidence.client[1].complete = false;
  evidence.lines[1] =
      R"({"timestamp":"t","session_id":"s","request":null,"response":null,"exchange":{"id":"id-9",)"
      R"("producer":"q","seq":1,"ending":"interrupted"},"chain":{"n":1,"h":"00"}})";
  EXPECT_EQ(counts(evidence.verdict()), "0/0/1/0");
}

TEST(Oracle, AllowsAnInterruptedLineOfARefusalThatCouldNotBeWritten) {
  Evidence evidence;
  evidence.alter(0, {"\"ending\":\"complete\"", "\"ending\":\"interrupted\""});
  evidence.client[0].status = 503;
  EXPECT_EQ(counts(evidence.verdict()), "0/0/1/0");
  evidence.client[0].refused = true;
  EXPECT_EQ(counts(evidence.verdict()), "0/0/0/0");
}

TEST(Oracle, SeesOtherBytesAtTheClientThanTheProviderSent) {
  Evidence evidence;
  evidence.client[0].response_sha256 = sha256_hex("other");
  EXPECT_EQ(counts(evidence.verdict()), "0/0/1/0");
}

}  // namespace
}  // namespace albicilla::fault
