#include "proxy/outbox/watermarks.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

using std::chrono::milliseconds;
using Heard = Watermarks::Heard;

class WatermarksTest : public ::testing::Test {
 protected:
  WatermarksTest() { begin(1); }

  void begin(std::uint32_t round) {
    marks.begin_round(round, now);
    current_round = round;
  }
  Watermark mark(std::uint64_t durable, std::uint64_t accepted) const {
    Watermark watermark;
    watermark.producer = producer;
    watermark.epoch = 3;
    watermark.durable = Seq{durable};
    watermark.accepted = Seq{accepted};
    watermark.window_bytes = 1000;
    return watermark;
  }
  Watermark echo(std::uint64_t accepted, std::uint64_t probe, std::uint32_t round) const {
    Watermark watermark = mark(0, accepted);
    watermark.probe = Seq{probe};
    watermark.round = round;
    return watermark;
  }
  void send(std::uint64_t seq, std::uint64_t bytes = 100) { marks.note_sent(Seq{seq}, bytes, now); }

  const ProducerId producer = random_id<ProducerId>();
  SteadyTime now{std::chrono::hours(1)};
  std::uint32_t current_round = 0;
  Watermarks marks{producer, Watermarks::Origin::this_process, WatermarkTiming{}};
};

TEST_F(WatermarksTest, SendsNothingBeforeTheSinkHasSpoken) {
  EXPECT_FALSE(marks.may_send(1));
  EXPECT_EQ(marks.hear(mark(0, 0), now), Heard::applied);
  EXPECT_TRUE(marks.may_send(1));
}

TEST_F(WatermarksTest, SaysHelloUntilAnsweredSoonAtFirst) {
  EXPECT_TRUE(marks.hello_due(now));
  marks.note_hello(now);
  EXPECT_FALSE(marks.hello_due(now));
  now += milliseconds(130);
  EXPECT_TRUE(marks.hello_due(now));
  for (int i = 0; i < 10; ++i) marks.note_hello(now);
  EXPECT_FALSE(marks.hello_due(now + milliseconds(999)));
  EXPECT_TRUE(marks.hello_due(now + milliseconds(1000)));
  EXPECT_EQ(marks.hear(mark(0, 0), now), Heard::applied);
  EXPECT_FALSE(marks.hello_due(now + milliseconds(5000)));
}

TEST_F(WatermarksTest, KeepsWithinTheWindowButLetsOneLargeRecordThrough) {
  marks.hear(mark(0, 0), now);
  EXPECT_TRUE(marks.may_send(5000));
  send(1, 5000);
  EXPECT_FALSE(marks.may_send(1));
  marks.hear(mark(0, 1), now);
  EXPECT_TRUE(marks.may_send(1000));
  send(2, 600);
  EXPECT_TRUE(marks.may_send(400));
  EXPECT_FALSE(marks.may_send(401));
}

TEST_F(WatermarksTest, StartsBehindWhatTheSinkAlreadyHas) {
  Watermarks old(producer, Watermarks::Origin::earlier_process, WatermarkTiming{});
  old.begin_round(1, now);
  EXPECT_EQ(old.hear(mark(40, 45), now), Heard::applied);
  EXPECT_EQ(old.sent(), Seq{40});
  EXPECT_EQ(old.durable(), Seq{40});
}

TEST_F(WatermarksTest, RefusesToBeToldOfMoreThanItSent) {
  marks.hear(mark(0, 0), now);
  send(1);
  EXPECT_EQ(marks.hear(mark(2, 2), now), Heard::above_sent);
  EXPECT_EQ(marks.hear(mark(0, 2), now), Heard::above_sent);
  EXPECT_EQ(marks.durable(), Seq{0});
  EXPECT_EQ(marks.hear(mark(1, 1), now), Heard::applied);
  EXPECT_EQ(marks.durable(), Seq{1});
}

TEST_F(WatermarksTest, TakesAWordForWhatAnEarlierRoundSent) {
  marks.hear(mark(0, 0), now);
  send(1);
  send(2);
  begin(2);
  EXPECT_EQ(marks.hear(mark(2, 2), now), Heard::applied);
  EXPECT_EQ(marks.sent(), Seq{2});
}

TEST_F(WatermarksTest, NeverGoesBackWhenTheSinkDoes) {
  marks.hear(mark(0, 0), now);
  send(1);
  marks.hear(mark(1, 1), now);
  EXPECT_EQ(marks.hear(mark(0, 0), now), Heard::applied);
  EXPECT_EQ(marks.durable(), Seq{1});
}

TEST_F(WatermarksTest, ProbesWhenNothingMovesAndOnlyThen) {
  marks.hear(mark(0, 0), now);
  EXPECT_EQ(marks.probe_due(now + milliseconds(5000)), std::nullopt);
  send(1);
  send(2);
  EXPECT_EQ(marks.probe_due(now + milliseconds(999)), std::nullopt);
  now += milliseconds(1000);
  EXPECT_EQ(marks.probe_due(now), Seq{2});
  marks.note_probe(now);
  EXPECT_EQ(marks.probe_due(now), std::nullopt);
  now += milliseconds(900);
  marks.hear(mark(0, 1), now);  // it moves
  EXPECT_EQ(marks.probe_due(now + milliseconds(900)), std::nullopt);
  EXPECT_EQ(marks.probe_due(now + milliseconds(1000)), Seq{2});
}

TEST_F(WatermarksTest, ProbesUnderSteadyLoadToo) {
  marks.hear(mark(0, 0), now);
  for (std::uint64_t seq = 1; seq <= 10; ++seq, now += milliseconds(100)) send(seq, 1);
  EXPECT_EQ(marks.probe_due(now), Seq{10});
}

TEST_F(WatermarksTest, TellsLostFromSlowByTheEchoOfItsProbe) {
  marks.hear(mark(0, 0), now);
  send(1);
  send(2);
  EXPECT_EQ(marks.hear(echo(1, 0, 0), now), Heard::applied);  // slow, as far as anybody knows
  EXPECT_EQ(marks.hear(echo(1, 2, 1), now), Heard::lost);
}

TEST_F(WatermarksTest, DoesNotTakeTheEchoOfAnOldProbeForANewLoss) {
  marks.hear(mark(0, 0), now);
  send(1);
  EXPECT_EQ(marks.hear(echo(0, 1, 1), now), Heard::lost);
  begin(2);
  marks.hear(echo(0, 1, 1), now);
  send(1);
  EXPECT_EQ(marks.hear(echo(0, 1, 1), now), Heard::applied);
  EXPECT_EQ(marks.hear(echo(0, 1, 2), now), Heard::lost);
}

TEST_F(WatermarksTest, BelievesAnEchoThatCameWithTheRecords) {
  marks.hear(mark(0, 0), now);
  send(1);
  send(2);
  EXPECT_EQ(marks.hear(echo(2, 2, 1), now), Heard::applied);
  EXPECT_TRUE(marks.in_flight());
  EXPECT_EQ(marks.hear(mark(2, 2), now), Heard::applied);
  EXPECT_FALSE(marks.in_flight());
}

TEST_F(WatermarksTest, AsksOnWhenASinkThatHadTakenAllDiesBeforeItWasDurable) {
  marks.hear(mark(0, 0), now);
  send(1);
  marks.hear(mark(0, 1), now);
  // From here the sink is gone, and its successor has never heard of this producer.
  EXPECT_EQ(marks.probe_due(now + milliseconds(1000)), Seq{1});
  EXPECT_TRUE(marks.silent(now + milliseconds(5000)));
  Watermark next_epoch = mark(0, 0);
  next_epoch.epoch = 4;
  EXPECT_EQ(marks.hear(next_epoch, now), Heard::restarted);
}

TEST_F(WatermarksTest, AsksAnewWhenASinkWithoutRoomIsHeardNoMore) {
  Watermark full = mark(0, 0);
  full.accepting = false;
  marks.hear(full, now);
  EXPECT_FALSE(marks.silent(now + milliseconds(4999)));
  EXPECT_TRUE(marks.silent(now + milliseconds(5000)));
}

TEST_F(WatermarksTest, GivesUpSocketsThroughWhichItHearsButIsNotHeard) {
  marks.hear(mark(0, 0), now);
  send(1);
  for (int second = 0; second < 15; ++second) {
    now += milliseconds(1000);
    if (marks.probe_due(now)) marks.note_probe(now);
    marks.hear(mark(0, 0), now);
    EXPECT_FALSE(marks.silent(now)) << second;
  }
  EXPECT_TRUE(marks.silent(now + milliseconds(1000)));
  marks.hear(echo(1, 1, 1), now);
  EXPECT_FALSE(marks.silent(now + milliseconds(1000)));
}

TEST_F(WatermarksTest, KnowsThatARestartedSinkHasForgotten) {
  marks.hear(mark(0, 0), now);
  send(1);
  send(2);
  marks.hear(mark(1, 2), now);
  Watermark next_epoch = mark(1, 1);
  next_epoch.epoch = 4;
  EXPECT_EQ(marks.hear(next_epoch, now), Heard::restarted);
  begin(2);
  EXPECT_EQ(marks.sent(), Seq{1});
  EXPECT_EQ(marks.hear(next_epoch, now), Heard::applied);
}

TEST_F(WatermarksTest, ARestartThatForgotNothingChangesNothing) {
  marks.hear(mark(0, 0), now);
  send(1);
  Watermark next_epoch = mark(1, 1);
  next_epoch.epoch = 4;
  EXPECT_EQ(marks.hear(next_epoch, now), Heard::applied);
}

TEST_F(WatermarksTest, WaitsForASinkWithoutRoomAndSendsAgainWhatItDropped) {
  marks.hear(mark(0, 0), now);
  send(1);
  Watermark full = echo(0, 1, 1);
  full.accepting = false;
  EXPECT_EQ(marks.hear(full, now), Heard::applied);
  EXPECT_FALSE(marks.may_send(1));
  EXPECT_EQ(marks.probe_due(now + milliseconds(5000)), std::nullopt);
  EXPECT_EQ(marks.hear(mark(0, 0), now), Heard::lost);
}

TEST_F(WatermarksTest, CallsASinkSilentOnlyWhenItShouldHaveSpoken) {
  EXPECT_FALSE(marks.silent(now + milliseconds(4999)));
  EXPECT_TRUE(marks.silent(now + milliseconds(5000)));  // hellos without an answer
  marks.hear(mark(0, 0), now);
  EXPECT_FALSE(marks.silent(now + milliseconds(60000)));
  send(1);
  now += milliseconds(3000);
  marks.hear(mark(0, 0), now);
  EXPECT_FALSE(marks.silent(now + milliseconds(4999)));
  EXPECT_TRUE(marks.silent(now + milliseconds(5000)));
}

}  // namespace
}  // namespace albicilla
