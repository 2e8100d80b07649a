#include "sink/layout/session.h"

#include <set>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(SessionLayout, PutsADayAndASessionIntoAName) {
  EXPECT_EQ(session_file({"2026-01-13", "", "s-1"}), "2026-01-13/s-1.jsonl");
  EXPECT_EQ(session_file({"2026-01-13", "run", "s-1"}), "2026-01-13/run-s-1.jsonl");
}

TEST(SessionLayout, SpreadsSessionsOverDirectoriesWhenAsked) {
  const std::string file = session_file({"2026-01-13", "run", "s-1", Sharding::by_session});
  EXPECT_EQ(file, "2026-01-13/6a/run-s-1.jsonl");
  EXPECT_EQ(day_of_file(file), "2026-01-13");
  std::set<std::string> directories;
  for (int i = 0; i < 4000; ++i) {
    directories.insert(
        session_file({"2026-01-13", "", "s-" + std::to_string(i), Sharding::by_session})
            .substr(0, 13));
  }
  EXPECT_EQ(directories.size(), 256U);
}

TEST(SessionLayout, NeverLeavesTheDaysDirectory) {
  const std::string file = session_file({"2026-01-13", "../x", "../../etc/passwd"});
  EXPECT_EQ(file.find('/'), file.rfind('/'));
  EXPECT_EQ(file.find(".."), std::string::npos);
}

TEST(SessionLayout, KeepsItsOwnLinesApartFromAnySession) {
  EXPECT_NE(session_file({"2026-01-13", "", ".gaps"}), gaps_file("2026-01-13"));
  EXPECT_NE(session_file({"2026-01-13", "", ".quarantine"}), quarantine_file("2026-01-13"));
}

}  // namespace
}  // namespace albicilla
