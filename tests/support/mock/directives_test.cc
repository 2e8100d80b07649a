#include "tests/support/mock/directives.h"

#include <gtest/gtest.h>

namespace albicilla::mock {
namespace {

TEST(Directives, ReadsWordsSeparatedByBlanksOrCommas) {
  Directives directives;
  EXPECT_EQ(directives.add("status=429,retry-after=1, delay_ms=5 events=40\tcrlf"), "");
  EXPECT_EQ(directives.status, 429U);
  EXPECT_EQ(directives.retry_after, "1");
  EXPECT_EQ(directives.delay.count(), 5);
  EXPECT_EQ(directives.events, 40U);
  EXPECT_TRUE(directives.crlf);
}

TEST(Directives, NamesTheFirstWordItDoesNotKnow) {
  for (const std::string word : {"evnts=4", "events", "events=", "events=x", "status=99", "=1"}) {
    EXPECT_EQ(Directives().add("crlf " + word), word);
  }
}

TEST(Directives, TakesTheLastNoteOfABodyAndTheFirstMarkerGiven) {
  Directives directives;
  EXPECT_EQ(
      directives.add_text("[[marker a]] [[mock events=1]] … [[marker b-2]] [[mock events=7]]"), "");
  EXPECT_EQ(directives.events, 7U);
  EXPECT_EQ(directives.marker, "b-2");
  directives.add_text("[[marker c]]");
  EXPECT_EQ(directives.marker, "b-2");
}

TEST(Directives, TakesOnlyMarkersThatNeedNoEscaping) {
  EXPECT_TRUE(is_marker("load-7.a_b:3"));
  EXPECT_FALSE(is_marker(""));
  EXPECT_FALSE(is_marker("a b"));
  EXPECT_FALSE(is_marker("a\"b"));
  EXPECT_FALSE(is_marker(std::string(129, 'a')));
}

}  // namespace
}  // namespace albicilla::mock
