#include "proxy/outbox/render_mark.h"

#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

ProducerId producer(std::uint8_t number) {
  ProducerId id;
  id.bytes.fill(number);
  return id;
}

class RenderMarkTest : public ::testing::Test {
 protected:
  RenderMarkTest() { slot_.directory = scratch_.path(); }

  // As a worker that dies in the middle: nobody says end().
  void die_at(std::uint8_t of, std::uint64_t seq) {
    RenderMark(slot_).begin(producer(of), Seq{seq});
  }
  std::uint64_t deaths(std::uint8_t of, std::uint64_t seq) {
    return RenderMark(slot_).deaths(producer(of), Seq{seq});
  }

  tests::ScratchDirectory scratch_;
  Slot slot_;
};

TEST_F(RenderMarkTest, CountsTheWorkersThatDiedOfARecord) {
  EXPECT_EQ(deaths(1, 7), 0U);
  die_at(1, 7);
  EXPECT_EQ(deaths(1, 7), 1U);
  die_at(1, 7);
  EXPECT_EQ(deaths(1, 7), 2U);
  EXPECT_EQ(deaths(1, 8), 0U);
  EXPECT_EQ(deaths(2, 7), 0U);
}

TEST_F(RenderMarkTest, SuspectsNoRecordThatWasRendered) {
  {
    RenderMark mark(slot_);
    mark.begin(producer(1), Seq{7});
    mark.end();
  }
  EXPECT_EQ(deaths(1, 7), 0U);
}

TEST_F(RenderMarkTest, RemembersSeveralRecordsAtOnce) {
  for (int death = 0; death < 2; ++death) {
    for (std::uint8_t number = 1; number <= 100; ++number) die_at(number, number);
  }
  for (std::uint8_t number = 1; number <= 100; ++number) EXPECT_EQ(deaths(number, number), 2U);
}

TEST_F(RenderMarkTest, ForgetsThoseThatKilledFewestWhenThereAreTooMany) {
  die_at(200, 1);
  die_at(200, 1);
  for (std::uint64_t seq = 1; seq <= 300; ++seq) die_at(1, seq);
  EXPECT_EQ(deaths(200, 1), 2U);
  EXPECT_EQ(deaths(1, 300), 1U);
}

TEST_F(RenderMarkTest, MarksNothingWhereThereIsNoPlace) {
  slot_.directory = scratch_.path("missing");
  die_at(1, 7);
  EXPECT_EQ(deaths(1, 7), 0U);
}

}  // namespace
}  // namespace albicilla
