#include "sink/log/sealed_days.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "common/chain/tombstone.h"
#include "sink/log/identity.h"
#include "sink/log/sealed_file.h"
#include "sink/log/signing_keys.h"
#include "tests/support/pipeline/eventually.h"
#include "tests/support/sealed_log.h"
#include "tests/support/sink_root.h"

namespace albicilla {
namespace {

using support::eventually;
using tests::SealedLog;

const WallTime kThirdDay{Microseconds(1768471200000000)};  // 2026-01-15T10:00:00Z
constexpr const char* kFirst = "2026-01-13";
constexpr const char* kSecond = "2026-01-14";
constexpr const char* kThird = "2026-01-15";

class SealedDaysTest : public testing::Test {
 protected:
  SealedDaysTest() { clock_.set(kThirdDay); }

  SealedDaysFacts facts(const std::string& sealed_until) {
    const auto identity = load_identity(files_, log_.root());
    const auto keys = SigningKeys::load(files_, log_.root() + "/.sink/signing_key", identity->sink,
                                        std::nullopt, clock_.wall());
    return {sealed_until, std::make_shared<const SigningKey>(keys->current()), true};
  }
  // Lines of that session, by day.
  std::size_t lines_of(const std::string& session, const std::string& day) {
    std::size_t found = 0;
    const Status walked =
        walk_day(files_, log_.root(), day, [&](const std::string& file) -> Result<Walk> {
          auto reader = SealedReader::open(files_, log_.root() + "/" + file);
          while (true) {
            const auto line = reader->next();
            if (!line) return line.error();
            if (!*line) return Walk::go_on;
            if (concerns({ErasureKind::session, session}, **line)) ++found;
          }
        });
    EXPECT_TRUE(walked);
    return found;
  }
  bool is_done(const std::string& request) {
    return eventually([&] { return !requests_.outcome(request)->empty(); });
  }

  static const SealedLog& made_once() {
    static const SealedLog made;
    return made;
  }

  SealedLog log_{made_once()};
  DiskFileSystem files_;
  tests::FixedClock clock_;
  SinkCounters counters_;
  ErasureRequests requests_{files_, log_.root()};
};

TEST_F(SealedDaysTest, ErasesASessionSoThatTheLogStillVerifies) {
  for (const Packing packing : {Packing::off, Packing::zstd}) {
    const std::string session = packing == Packing::off ? "s1" : "s2";
    const std::size_t before = lines_of(session, kFirst) + lines_of(session, kSecond);
    ASSERT_GT(before, 0U);
    const std::size_t kept = lines_of(session, kThird);
    const auto request = requests_.ask({ErasureKind::session, session}, kSecond, kThirdDay);
    ASSERT_TRUE(request);
    {
      SealedDays days({files_, log_.root(), clock_, counters_}, {packing, {}, {}});
      days.note(facts(kSecond));
      ASSERT_TRUE(is_done(*request));
    }
    EXPECT_NE(requests_.outcome(*request)->find("\"lines\":" + std::to_string(before)),
              std::string::npos);
    EXPECT_EQ(requests_.outcome(*request)->find(session), std::string::npos) << "keeps no id";
    EXPECT_EQ(lines_of(session, kFirst) + lines_of(session, kSecond), 0U);
    EXPECT_EQ(lines_of(session, kThird), kept) << "was not asked for";
    const auto verified = tests::verify_log(log_);
    EXPECT_EQ(verified.exit_code, 0) << verified.faults.size();
  }
}

TEST_F(SealedDaysTest, ErasesLinesOfAnOpenDayOnceItIsSealed) {
  const auto request = requests_.ask({ErasureKind::session, "s1"}, kThird, kThirdDay);
  SealedDays days({files_, log_.root(), clock_, counters_}, {});
  days.note(facts(kSecond));
  ASSERT_TRUE(eventually([&] { return lines_of("s1", kSecond) == 0; }));
  EXPECT_GT(lines_of("s1", kThird), 0U);
  EXPECT_TRUE(requests_.outcome(*request)->empty());
  days.note(facts(kThird));
  ASSERT_TRUE(is_done(*request));
  EXPECT_EQ(lines_of("s1", kThird), 0U);
  EXPECT_EQ(tests::verify_log(log_).exit_code, 0);
}

TEST_F(SealedDaysTest, LeavesATombstoneThatOnlyTheSinkCanMake) {
  const auto keys = facts(kSecond);
  const SigningKey stranger = SigningKey::generate();
  const std::string file = std::string(kFirst) + "/s1.jsonl";
  Eraser forger(files_, log_.root(), stranger, kThirdDay);
  ASSERT_GT(*forger.erase({ErasureKind::session, "s1"}, file), 0U);
  const auto verified = tests::verify_log(log_);
  EXPECT_EQ(verified.exit_code, 1);
  ASSERT_FALSE(verified.faults.empty());
  for (const LogFault& fault : verified.faults) {
    EXPECT_EQ(fault.kind, FaultKind::bad_signature);
    EXPECT_EQ(fault.file, file);
  }
}

TEST_F(SealedDaysTest, FindsATombstoneThatWasMovedToAnotherPlace) {
  const auto known = facts(kSecond);
  const std::string file = std::string(kFirst) + "/s1.jsonl";
  Eraser eraser(files_, log_.root(), *known.signer, kThirdDay);
  ASSERT_GT(*eraser.erase({ErasureKind::session, "s1"}, file), 1U);
  std::vector<std::string> lines = log_.lines(file);
  std::swap(lines[0], lines[1]);
  log_.put(file, lines);
  EXPECT_EQ(tests::verify_log(log_).exit_code, 1);
}

TEST_F(SealedDaysTest, LetsOldDaysGoAndTheRestVerifies) {
  SealedDays days({files_, log_.root(), clock_, counters_}, {Packing::off, {1, {}}, {}});
  days.note(facts(kSecond));
  ASSERT_TRUE(eventually([&] { return counters_.removed_days == 1; }));
  EXPECT_EQ(*files_.list(log_.root() + "/" + kFirst), std::vector<std::string>{".manifest"});
  EXPECT_EQ(tests::verify_log(log_).exit_code, 0);
  // What is gone cannot hide what goes later.
  std::filesystem::remove(log_.path(std::string(kSecond) + "/s1.jsonl"));
  EXPECT_EQ(tests::verify_log(log_).exit_code, 1);
}

TEST_F(SealedDaysTest, KeepsADayUntilItIsKeptElsewhere) {
  std::atomic<bool> stored{false};
  SealedDaysRules rules{Packing::off, {1, {}}, [&](const std::string&) { return stored.load(); }};
  SealedDays days({files_, log_.root(), clock_, counters_}, rules);
  days.note(facts(kSecond));
  const auto request = requests_.ask({ErasureKind::session, "nobody"}, kSecond, kThirdDay);
  ASSERT_TRUE(is_done(*request));  // it has been round
  EXPECT_EQ(counters_.removed_days, 0U);
  stored = true;
  EXPECT_TRUE(eventually([&] { return counters_.removed_days == 1; }));
}

TEST_F(SealedDaysTest, LetsNothingGoByADateThatIsNotBelieved) {
  SealedDays days({files_, log_.root(), clock_, counters_}, {Packing::off, {1, {}}, {}});
  SealedDaysFacts doubted = facts(kSecond);
  doubted.date_believed = false;
  days.note(doubted);
  const auto request = requests_.ask({ErasureKind::session, "nobody"}, kSecond, kThirdDay);
  ASSERT_TRUE(is_done(*request));
  EXPECT_EQ(counters_.removed_days, 0U);
}

TEST_F(SealedDaysTest, FinishesARemovalThatWasBrokenOff) {
  const auto known = facts(kSecond);
  Retention retention(files_, log_.root());
  const std::string left = log_.path(std::string(kFirst) + "/s1.jsonl");
  const std::string bytes = tests::bytes_of_file(left);
  ASSERT_TRUE(retention.let_go(kFirst, "retention", *known.signer, kThirdDay));
  tests::write_whole_file(left, bytes);
  EXPECT_EQ(tests::verify_log(log_).exit_code, 1);
  const auto kept = retention.kept_days(kSecond);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ(kept->front().day, kSecond);
  EXPECT_EQ(tests::verify_log(log_).exit_code, 0);
}

TEST(Retention, LetsTheOldestGoByAgeAndBySize) {
  const std::vector<KeptDay> kept = {{"2026-01-10", 5}, {"2026-01-11", 7}, {"2026-01-12", 1}};
  using Days = std::vector<std::string>;
  EXPECT_EQ(days_to_let_go(kept, {3, {}}, "2026-01-14"), Days{"2026-01-10"});
  EXPECT_EQ(days_to_let_go(kept, {4, {}}, "2026-01-14"), Days{});
  EXPECT_EQ(days_to_let_go(kept, {{}, 13}, "2026-01-14"), Days{});
  EXPECT_EQ(days_to_let_go(kept, {{}, 12}, "2026-01-14"), Days{"2026-01-10"});
  EXPECT_EQ(days_to_let_go(kept, {{}, 7}, "2026-01-14"), (Days{"2026-01-10", "2026-01-11"}));
  EXPECT_EQ(days_to_let_go(kept, {1, 1000}, "2027-01-14"),
            (Days{"2026-01-10", "2026-01-11", "2026-01-12"}));
  EXPECT_EQ(days_to_let_go(kept, {1, {}}, "2025-01-14"), Days{}) << "a clock that is behind";
}

TEST(Eraser, KnowsWhoseALineIs) {
  const std::string line =
      R"({"timestamp":"t","session_id":"a \"b\"","request":{"user_id":"eve"},"response":null,)"
      R"("exchange":{"id":"x","user_id":"b\u00f6b"},"chain":{"n":1,"h":""}})";
  EXPECT_TRUE(concerns({ErasureKind::session, "a \"b\""}, line + "\n"));
  EXPECT_TRUE(concerns({ErasureKind::user,
                        "b\xc3\xb6"
                        "b"},
                       line + "\n"));
  EXPECT_FALSE(concerns({ErasureKind::user, "eve"}, line));
  EXPECT_FALSE(concerns({ErasureKind::session, "a"}, line));
}

}  // namespace
}  // namespace albicilla
