#include "proxy/traffic/dial.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "common/base/clock.h"

namespace albicilla {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;

// A port of this machine that is listened on, with room for so many who are not accepted.
class Port {
 public:
  explicit Port(int room) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    ::listen(fd_, room);
    socklen_t size = sizeof(address);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Port() { ::close(fd_); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  tcp::endpoint endpoint() const { return {asio::ip::address_v4::loopback(), port_}; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

// A port whose queue is full: packets to it vanish, as behind a firewall.
class Swallowing {
 public:
  Swallowing() : port_(0) {
    for (int i = 0; i < 4; ++i) {
      fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      const tcp::endpoint to = port_.endpoint();
      (void)::connect(fillers_.back(), to.data(), static_cast<socklen_t>(to.size()));
    }
  }
  ~Swallowing() {
    for (const int filler : fillers_) ::close(filler);
  }
  Swallowing(const Swallowing&) = delete;
  Swallowing& operator=(const Swallowing&) = delete;

  tcp::endpoint endpoint() const { return port_.endpoint(); }

 private:
  Port port_;
  std::vector<int> fillers_;
};

tcp::endpoint refusing() {
  const Port gone(1);
  return gone.endpoint();
}

class DialTest : public testing::Test {
 protected:
  // Where it connected to; nullopt when nowhere.
  std::optional<tcp::endpoint> dial(const Endpoints& endpoints,
                                    milliseconds cancel_after = milliseconds(5000)) {
    std::optional<tcp::endpoint> reached;
    bool done = false;
    begun_ = std::chrono::steady_clock::now();
    asio::co_spawn(
        loop_.get_executor(),
        [&]() -> Task<void> {
          std::optional<Socket> socket = co_await dial_.run(endpoints);
          took_ =
              std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun_);
          done = true;
          if (!socket) co_return;
          const auto peer = socket->remote_endpoint();
          reached.emplace();
          std::memcpy(reached->data(), peer.data(), peer.size());
        },
        asio::detached);
    asio::co_spawn(
        loop_.get_executor(),
        [&]() -> Task<void> {
          Timer pause(loop_.get_executor());
          NetError error;
          while (!done) {
            deadlines_.tick();
            if (std::chrono::steady_clock::now() - begun_ > cancel_after) dial_.cancel();
            pause.expires_after(milliseconds(10));
            co_await pause.async_wait(into(error));
          }
        },
        asio::detached);
    loop_.run();
    return reached;
  }

  SystemClock clock_;
  asio::io_context loop_{1};
  Deadlines deadlines_{clock_};
  Dial dial_{loop_.get_executor(), deadlines_};
  std::chrono::steady_clock::time_point begun_;
  milliseconds took_{0};
};

TEST(FamiliesInTurn, AlternateAndKeepTheResolversOrder) {
  const auto at = [](const char* address) {
    return tcp::endpoint(asio::ip::make_address(address), 443);
  };
  EXPECT_EQ(families_in_turn({}), Endpoints());
  EXPECT_EQ(families_in_turn({at("::1"), at("::2"), at("::3"), at("127.0.0.1")}),
            (Endpoints{at("::1"), at("127.0.0.1"), at("::2"), at("::3")}));
  EXPECT_EQ(families_in_turn({at("127.0.0.1"), at("127.0.0.2"), at("::1"), at("::2")}),
            (Endpoints{at("127.0.0.1"), at("::1"), at("127.0.0.2"), at("::2")}));
}

TEST_F(DialTest, TakesTheFirstAddressThatConnects) {
  const Port good(4);
  const Port other(4);
  EXPECT_EQ(dial({good.endpoint(), other.endpoint()}), good.endpoint());
}

TEST_F(DialTest, GoesOnAtOnceWhenAnAddressRefuses) {
  const Port good(4);
  EXPECT_EQ(dial({refusing(), refusing(), good.endpoint()}), good.endpoint());
  EXPECT_LT(took_, milliseconds(200));
}

TEST_F(DialTest, DoesNotWaitForAnAddressThatSwallowsPackets) {
  const Swallowing swallowing;
  const Port good(4);
  EXPECT_EQ(dial({swallowing.endpoint(), good.endpoint()}), good.endpoint());
  EXPECT_GE(took_, milliseconds(200));
  EXPECT_LT(took_, milliseconds(1500));
}

TEST_F(DialTest, FailsWithTheLastErrorWhenNoAddressConnects) {
  EXPECT_EQ(dial({refusing(), refusing()}), std::nullopt);
  EXPECT_EQ(dial_.error(), asio::error::connection_refused);
  EXPECT_EQ(dial({}), std::nullopt);
}

TEST_F(DialTest, EndsWhenItIsCancelled) {
  const Swallowing swallowing;
  EXPECT_EQ(dial({swallowing.endpoint()}, milliseconds(50)), std::nullopt);
  EXPECT_LT(took_, milliseconds(1500));
}

}  // namespace
}  // namespace albicilla
