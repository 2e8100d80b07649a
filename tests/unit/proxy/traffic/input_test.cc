#include "proxy/traffic/input.h"

#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "common/base/clock.h"

namespace albicilla {
namespace {

namespace asio = boost::asio;

// One end of a connection in the loop, the other in the test's hand.
class Peer {
 public:
  Peer(LoopExecutor executor, Deadlines& deadlines) : executor_(executor) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    stream = std::make_unique<NetStream>(
        Socket(executor, NetProtocol(AF_UNIX, SOCK_STREAM), ends[0]), deadlines);
    NetError error;
    stream->socket().non_blocking(true, error);
    other_ = ends[1];
    input = std::make_unique<Input>(*stream, executor, 1024, 4096);
  }
  ~Peer() {
    input.reset();
    stream.reset();
    ::close(other_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void say(std::string_view bytes) {
    EXPECT_EQ(::send(other_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  // What more() says in the end.
  void await_more(std::vector<std::string>& happened, std::string name) {
    asio::co_spawn(
        executor_,
        [this, &happened, name = std::move(name)]() -> Task<void> {
          const bool more = co_await input->more();
          happened.push_back(name + (more ? " has more" : " has ended"));
        },
        asio::detached);
  }

  std::unique_ptr<NetStream> stream;
  std::unique_ptr<Input> input;

 private:
  LoopExecutor executor_;
  int other_ = -1;
};

class InputTest : public testing::Test {
 protected:
  // Notes what comes to `peer` and goes on without its coroutine.
  void take_at_once(Peer& peer) {
    peer.input->take_at_once(
        [this, &peer] {
          happened_.push_back("took " + std::string(peer.input->bytes()));
          peer.input->consume(peer.input->bytes().size());
          if (one_more_) std::exchange(one_more_, nullptr)();
          return happened_.back() != "took last";
        },
        late_);
  }

  SystemClock clock_;
  asio::io_context loop_{1};
  LoopExecutor executor_ = loop_.get_executor();
  Deadlines deadlines_{clock_};
  LateReads late_{executor_};
  std::vector<std::string> happened_;
  std::function<void()> one_more_;  // called once, when something has been taken
};

TEST_F(InputTest, TakesWhatComesWithoutACoroutineUntilTheTakerStops) {
  Peer peer(executor_, deadlines_);
  take_at_once(peer);
  peer.await_more(happened_, "it");
  loop_.poll();
  for (const char* said : {"one", "two", "last"}) {
    peer.say(said);
    loop_.restart();
    loop_.poll();
  }
  EXPECT_EQ(happened_,
            (std::vector<std::string>{"took one", "took two", "took last", "it has more"}));
}

TEST_F(InputTest, AsksForMoreOnlyWhenAllThatHadComeIsTaken) {
  Peer one(executor_, deadlines_);
  Peer two(executor_, deadlines_);
  std::size_t unread = 0;
  take_at_once(one);
  two.input->take_at_once(
      [&] {
        unread = one.stream->socket().available();
        happened_.push_back("took " + std::string(two.input->bytes()));
        two.input->consume(two.input->bytes().size());
        return true;
      },
      late_);
  for (Peer* peer : {&one, &two}) peer->await_more(happened_, "it");
  loop_.poll();
  one.say("a");
  two.say("b");
  one_more_ = [&] { one.say("c"); };  // there already when the first could be read again
  loop_.restart();
  loop_.poll();
  EXPECT_EQ(happened_, (std::vector<std::string>{"took a", "took b", "took c"}));
  EXPECT_EQ(unread, 1U) << "the first stream was read again before the second's event was passed";
}

TEST_F(InputTest, AReadThatHasNotBegunEndsWhenItsStreamIsCancelled) {
  Peer peer(executor_, deadlines_);
  take_at_once(peer);
  peer.await_more(happened_, "it");
  loop_.poll();
  peer.say("one");
  loop_.restart();
  while (happened_.empty()) loop_.poll_one();
  peer.stream->cancel();
  loop_.poll();
  EXPECT_EQ(happened_, (std::vector<std::string>{"took one", "it has ended"}));
  EXPECT_EQ(peer.input->error(), asio::error::operation_aborted);
}

TEST_F(InputTest, MayGoBeforeItsReadBegins) {
  auto peer = std::make_unique<Peer>(executor_, deadlines_);
  take_at_once(*peer);
  peer->await_more(happened_, "it");
  loop_.poll();
  peer->say("one");
  loop_.restart();
  while (happened_.empty()) loop_.poll_one();
  peer.reset();
  loop_.poll();
  EXPECT_EQ(happened_, std::vector<std::string>{"took one"});
}

}  // namespace
}  // namespace albicilla
