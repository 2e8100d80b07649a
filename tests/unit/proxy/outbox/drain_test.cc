// A sink that is not written to any more still gets what the spool has for it.
#include <gtest/gtest.h>

#include "tests/support/outbox_fixture.h"

namespace albicilla {
namespace {

using tests::LittleSink;
using tests::OutboxFixture;
using tests::ScratchDirectory;

class DrainTest : public OutboxFixture, public ::testing::Test {
 protected:
  void exchanges(int count) {
    run([&]() -> Task<void> {
      for (int i = 0; i < count; ++i) co_await exchange("asked", "answered");
    });
  }

  ScratchDirectory other_place_;
  LittleSink other_{other_place_.path()};
};

TEST_F(DrainTest, RecordsForASinkThatWasTakenOutGoThereWhenItIsDrained) {
  start_outbox();
  exchanges(3);
  abandon_outbox();
  config.sinks_to_drain = config.sinks;
  config.sinks = {other_.address()};
  other_.start();
  start_outbox();
  exchanges(2);
  ASSERT_TRUE(other_.wait_for(2));
  ASSERT_TRUE(run_until([&] { return outbox().stats().sinks_reached; })) << "of its own";
  sink.start();
  ASSERT_TRUE(sink.wait_for(3));
  stop_outbox();
  EXPECT_EQ(sink.taken().size(), 3U);
  EXPECT_EQ(other_.taken().size(), 2U);
  EXPECT_TRUE(segments().empty());
}

TEST_F(DrainTest, ASinkOfItsOwnIsNotDrainedBesides) {
  sink.start();
  config.sinks_to_drain = config.sinks;
  start_outbox();
  exchanges(2);
  ASSERT_TRUE(sink.wait_for(2));
  stop_outbox();
  EXPECT_EQ(sink.taken().size(), 2U);
  EXPECT_EQ(sink.duplicates(), 0U);
}

}  // namespace
}  // namespace albicilla
