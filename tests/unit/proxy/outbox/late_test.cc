// What a worker that is killed has kept of answers that its clients were still getting.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "proxy/outbox/outbox.h"
#include "tests/support/faulty_file.h"
#include "tests/support/outbox_fixture.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::FileCall;
using tests::OutboxFixture;

class LateOutbox : public ::testing::Test, public OutboxFixture {
 protected:
  ~LateOutbox() override {
    files.release();
    abandon_outbox();
  }

  void start() {
    start_outbox(&files);
    run([this]() -> Task<void> { co_await exchange("ask", "answer"); });
  }
  // A piece of an answer that nobody waits for.
  void say_part() {
    if (number_ == 0) outbox().opened(facts_);
    outbox().part({facts_.id, Direction::response, number_++, Microseconds(0)}, "piece");
  }
  bool becomes_late() {
    return run_until([&] { return outbox().late(); });
  }
  // Says when the next piece may go to the client.
  void wait_for_file(bool& may_go) {
    boost::asio::co_spawn(
        loop(),
        [this, &may_go]() -> Task<void> {
          while (outbox().late()) co_await outbox().caught_up();
          may_go = true;
        },
        boost::asio::detached);
    loop().poll();
  }

  FaultyFileSystem files{disk};

 private:
  OpenedFacts facts_ = opened_facts();
  std::uint32_t number_ = 0;
};

TEST_F(LateOutbox, HoldsAnAnswerBackUntilItsEarlierPiecesAreInTheFile) {
  config.stall_patience = std::chrono::hours(1);
  start();
  EXPECT_FALSE(outbox().late());
  files.hold(FileCall::append);
  say_part();
  ASSERT_TRUE(becomes_late());
  bool may_go = false;
  wait_for_file(may_go);
  EXPECT_FALSE(may_go);
  files.release();
  EXPECT_TRUE(run_until([&] { return may_go; }));
  EXPECT_TRUE(run_until([&] { return outbox().stats().waiting_bytes == 0; }));
  EXPECT_FALSE(outbox().late());
}

TEST_F(LateOutbox, WithDurabilityFsyncHoldsNothingBackForTheSync) {
  config.durability = Durability::fsync;
  config.stall_patience = std::chrono::hours(1);
  start();
  files.hold(FileCall::sync);
  const std::uint64_t appends = files.calls(FileCall::append);
  say_part();
  EXPECT_TRUE(run_until([&] { return files.calls(FileCall::append) > appends; }));
  bool may_go = false;
  wait_for_file(may_go);
  EXPECT_TRUE(run_until([&] { return may_go; }));
  say_part();
  EXPECT_TRUE(run_until([&] { return outbox().stats().waiting_bytes == 0; }));
  files.release();
}

TEST_F(LateOutbox, LetsAnswersGoOnWhenTheDiskStallsAndHoldsThemAgainWhenItHasCaughtUp) {
  config.stall_patience = std::chrono::milliseconds(20);
  start();
  files.hold(FileCall::append);
  say_part();
  ASSERT_TRUE(becomes_late());
  bool may_go = false;
  wait_for_file(may_go);
  EXPECT_TRUE(run_until([&] { return may_go; }));
  EXPECT_FALSE(outbox().late());
  files.release();
  run([this]() -> Task<void> { co_await exchange("ask", "answer"); });
  files.hold(FileCall::append);
  say_part();
  EXPECT_TRUE(becomes_late());
}

}  // namespace
}  // namespace albicilla
