#include "sink/layout/session.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(SessionLayout, PutsADayAndASessionIntoAName) {
  EXPECT_EQ(session_file({"2026-01-13", "", "s-1"}), "2026-01-13/s-1.jsonl");
  EXPECT_EQ(session_file({"2026-01-13", "run", "s-1"}), "2026-01-13/run-s-1.jsonl");
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
