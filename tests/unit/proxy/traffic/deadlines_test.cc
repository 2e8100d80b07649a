#include "proxy/traffic/deadlines.h"

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class MovedClock final : public Clock {
 public:
  WallTime wall() const override { return {}; }
  SteadyTime steady() const override { return now_; }
  void move(milliseconds span) { now_ += span; }

 private:
  SteadyTime now_{hours(100)};
};

class Told final : public Deadline {
 public:
  explicit Told(Deadlines& all, std::function<void()> then = nullptr)
      : Deadline(all), then_(std::move(then)) {}
  int times = 0;

 private:
  void on_expired() override {
    ++times;
    if (then_) then_();
  }
  std::function<void()> then_;
};

class DeadlinesTest : public testing::Test {
 protected:
  void pass(milliseconds span) {
    clock_.move(span);
    all_.tick();
  }
  MovedClock clock_;
  Deadlines all_{clock_};
};

TEST_F(DeadlinesTest, AreToldOnceWhenTheirTimeIsOver) {
  Told one(all_);
  one.expires_after(milliseconds(250));
  pass(milliseconds(249));
  EXPECT_EQ(one.times, 0);
  EXPECT_FALSE(one.expired());
  pass(milliseconds(1));
  EXPECT_EQ(one.times, 1);
  EXPECT_TRUE(one.expired());
  pass(hours(1));
  EXPECT_EQ(one.times, 1);
}

TEST_F(DeadlinesTest, ThatArePutOffAreToldAtTheirLastTime) {
  Told one(all_);
  for (int i = 0; i < 100; ++i) {
    one.expires_after(seconds(2));
    pass(milliseconds(1900));
  }
  EXPECT_EQ(one.times, 0);
  pass(milliseconds(100));
  EXPECT_EQ(one.times, 1);
}

TEST_F(DeadlinesTest, MayComeEarlierThanWasSaidFirst) {
  Told one(all_);
  one.expires_after(hours(1));
  one.expires_after(seconds(1));
  pass(seconds(1));
  EXPECT_EQ(one.times, 1);
}

TEST_F(DeadlinesTest, ThatAreTakenBackAreNotTold) {
  Told one(all_);
  one.expires_after(seconds(1));
  one.expires_never();
  pass(seconds(10));
  EXPECT_EQ(one.times, 0);
  one.expires_after(seconds(1));
  pass(seconds(1));
  EXPECT_EQ(one.times, 1);
}

TEST_F(DeadlinesTest, FarAwayAreToldInTheirTime) {
  Told one(all_);
  one.expires_after(hours(2));
  for (int i = 0; i < 2 * 3600 - 1; ++i) pass(seconds(1));
  EXPECT_EQ(one.times, 0);
  pass(seconds(1));
  EXPECT_EQ(one.times, 1);
}

TEST_F(DeadlinesTest, AreAllToldAfterALongPause) {
  std::vector<std::unique_ptr<Told>> many;
  for (int i = 1; i <= 3000; ++i) {
    many.push_back(std::make_unique<Told>(all_));
    many.back()->expires_after(milliseconds(77) * i);
  }
  pass(hours(1));
  for (const auto& one : many) EXPECT_EQ(one->times, 1);
}

TEST_F(DeadlinesTest, MayBeSetAgainAndRemovedByWhoeverIsTold) {
  auto victim = std::make_unique<Told>(all_);
  Told* again = nullptr;
  Told first(all_, [&] { victim.reset(); });
  Told second(all_, [&] { again->expires_after(milliseconds(50)); });
  again = &second;
  // Whichever order the slot has, the victim is not told after it has gone.
  victim->expires_after(milliseconds(500));
  first.expires_after(milliseconds(400));
  second.expires_after(milliseconds(400));
  pass(milliseconds(450));
  EXPECT_EQ(first.times, 1);
  EXPECT_EQ(second.times, 1);
  pass(milliseconds(100));
  EXPECT_EQ(second.times, 2);
}

TEST_F(DeadlinesTest, AgreeWithAListThatIsWalkedWhole) {
  std::mt19937 random(7);
  std::vector<std::unique_ptr<Told>> many;
  std::vector<SteadyTime> due(200, SteadyTime::max());
  std::vector<int> expected(due.size(), 0);
  for (std::size_t i = 0; i < due.size(); ++i) many.push_back(std::make_unique<Told>(all_));
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t i = random() % due.size();
    if (random() % 4 == 0) {
      many[i]->expires_never();
      due[i] = SteadyTime::max();
    } else {
      const milliseconds span(random() % (random() % 10 == 0 ? 400'000 : 3'000));
      many[i]->expires_after(span);
      due[i] = clock_.steady() + span;
    }
    if (random() % 3 != 0) continue;
    pass(milliseconds(random() % (random() % 100 == 0 ? 300'000 : 150)));
    for (std::size_t k = 0; k < due.size(); ++k) {
      if (due[k] > clock_.steady()) continue;
      due[k] = SteadyTime::max();
      ++expected[k];
    }
    for (std::size_t k = 0; k < due.size(); ++k) ASSERT_EQ(many[k]->times, expected[k]) << step;
  }
}

}  // namespace
}  // namespace albicilla
