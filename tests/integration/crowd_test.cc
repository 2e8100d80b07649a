// Honest clients beside a crowd: connections that say nothing and connections that drip a header,
// byte by byte. ALBICILLA_CROWD sets how many (the figures of the README: 11000, of which one in
// eleven drips); what an honest request took, alone and in the crowd, goes to stdout.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "tests/integration/relay_fixture.h"

namespace albicilla::support {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kDrippingShare = 11;
constexpr std::size_t kHonest = 200;

std::size_t crowd_wanted() {
  const char* wanted = std::getenv("ALBICILLA_CROWD");
  return wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 660;
}

// Connections from several addresses of this machine; one in eleven drips.
class Crowd {
 public:
  Crowd(std::uint16_t port, std::size_t size) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (std::size_t i = 0; i < size; ++i) join(port, static_cast<std::uint32_t>(i % 8));
    drip_ = std::thread([this] { drip(); });
  }
  ~Crowd() {
    stop_ = true;
    drip_.join();
    for (const int fd : members_) ::close(fd);
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  std::size_t size() const { return members_.size(); }

 private:
  void join(std::uint16_t port, std::uint32_t from) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + from);
    ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      members_.push_back(fd);
    } else {
      ::close(fd);
    }
  }

  // A byte each half second, of a header that never ends; connections that are closed stay closed.
  void drip() {
    const std::string head = "GET /v1/x HTTP/1.1\r\nHost: x\r\nX-Long: ";
    for (std::size_t beat = 0; !stop_; ++beat) {
      const char byte = beat < head.size() ? head[beat] : 'a';
      for (std::size_t i = 0; i < members_.size(); i += kDrippingShare) {
        (void)::send(members_[i], &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
      }
      for (int i = 0; i < 50 && !stop_; ++i) std::this_thread::sleep_for(milliseconds(10));
    }
  }

  std::vector<int> members_;
  std::atomic<bool> stop_{false};
  std::thread drip_;
};

struct Latency {
  microseconds median{0};
  microseconds p99{0};
};

// A connection of its own for each request, as a client that has just come.
Latency honest_latency(std::uint16_t port) {
  std::vector<microseconds> took;
  for (std::size_t i = 0; i < kHonest; ++i) {
    const auto begun = SteadyClock::now();
    EXPECT_EQ(ask(port, {.target = "/v1/honest"}).status, 200U);
    took.push_back(std::chrono::duration_cast<microseconds>(SteadyClock::now() - begun));
  }
  std::sort(took.begin(), took.end());
  return {took[took.size() / 2], took[took.size() * 99 / 100]};
}

TEST(CrowdTest, HonestRequestsAreServedBesideIdleAndDrippingConnections) {
  EchoingUpstream upstream(simple_answer("ok"));
  const std::size_t size = crowd_wanted();
  BareProxy proxy(upstream.url(), {"--no-require-session-header", "--max-connections",
                                   std::to_string(size + 100), "--header-timeout", "60s"});
  ASSERT_TRUE(proxy.ready());
  const Latency alone = honest_latency(proxy.port());
  const Crowd crowd(proxy.port(), size);
  ASSERT_EQ(crowd.size(), size);
  const Latency beside = honest_latency(proxy.port());
  std::printf("| connections beside | median | 99th percentile |\n|---|---|---|\n");
  for (const auto& [count, latency] : {std::pair{std::size_t{0}, alone}, std::pair{size, beside}}) {
    std::printf("| %zu | %.2f ms | %.2f ms |\n", count,
                static_cast<double>(latency.median.count()) / 1000,
                static_cast<double>(latency.p99.count()) / 1000);
  }
  // A crowd that cost something each time would show in every request, not in a few.
  EXPECT_LT(beside.median, alone.median * 5 + milliseconds(20));
}

TEST(CrowdTest, TheLimitsOfAllAndOfOneAddressHold) {
  EchoingUpstream upstream(simple_answer("ok"));
  BareProxy proxy(upstream.url(), {"--no-require-session-header", "--max-connections", "60",
                                   "--max-connections-per-address", "20"});
  ASSERT_TRUE(proxy.ready());
  {
    const Crowd crowd(proxy.port(), 160);  // 20 from each of 8 addresses
    const Reply reply = ask(proxy.port(), {.target = "/v1/honest"});
    EXPECT_EQ(reply.status, 503U) << reply.raw;
    EXPECT_NE(reply.body.find("too_many_connections"), std::string::npos) << reply.raw;
  }
  EXPECT_TRUE(eventually([&] { return ask(proxy.port(), {.target = "/v1/x"}).status == 200; }));
}

}  // namespace
}  // namespace albicilla::support
