// Names of upstreams, through the whole proxy: a slow name server, an address that swallows
// packets, a name that nobody knows. The resolver's answers are the test's
// (tests/support/slow_names.cc).
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>

#include "tests/integration/relay_fixture.h"

namespace albicilla::support {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The upstream's port on another address of this machine, with a full queue: packets to it vanish.
class DeadAddress {
 public:
  explicit DeadAddress(std::uint16_t port) : fd_(tcp_socket(0)) {
    const sockaddr_in address = at(port);
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // Some connection of this machine may have the port for a while; the upstream's is given.
    ready_ = eventually([&] {
      return ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    });
    ready_ = ready_ && ::listen(fd_, 0) == 0;
    for (int& filler : fillers_) {
      filler = tcp_socket(SOCK_NONBLOCK);
      (void)::connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
  }
  ~DeadAddress() {
    for (const int filler : fillers_) ::close(filler);
    ::close(fd_);
  }
  DeadAddress(const DeadAddress&) = delete;
  DeadAddress& operator=(const DeadAddress&) = delete;

  bool ready() const { return ready_; }

 private:
  static int tcp_socket(int flags) {
    return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  }
  static sockaddr_in at(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    address.sin_port = htons(port);
    return address;
  }

  int fd_;
  bool ready_ = false;
  std::array<int, 4> fillers_{};
};

class NamesTest : public testing::Test {
 protected:
  void start(const std::string& addresses, int milliseconds_a_question,
             std::vector<std::string> flags = {}) {
    flags.insert(flags.end(), {"--no-require-session-header"});
    std::ofstream(questions_path()) << "";
    proxy_ = std::make_unique<BareProxy>(
        "http://upstream.test:" + std::to_string(upstream_.port()), flags,
        std::vector<std::string>{
            "LD_PRELOAD=" ALBICILLA_SLOW_NAMES, "ASAN_OPTIONS=verify_asan_link_order=0",
            "ALBICILLA_TEST_ADDRESSES=" + addresses,
            "ALBICILLA_TEST_NAME_MS=" + std::to_string(milliseconds_a_question),
            "ALBICILLA_TEST_NAME_LOG=" + questions_path()});
    ASSERT_TRUE(proxy_->ready());
  }

  struct Timed {
    Reply reply;
    milliseconds took{0};
  };
  Timed timed(const std::string& target) {
    const auto begun = steady_clock::now();
    Timed result{ask(proxy_->port(), {.target = target}), {}};
    result.took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
    return result;
  }

  std::string questions_path() const { return scratch_.path("questions"); }
  std::size_t questions() const { return tests::bytes_of_file(questions_path()).size(); }

  tests::ScratchDirectory scratch_;
  EchoingUpstream upstream_{simple_answer("here")};
  EchoingUpstream other_{simple_answer("other")};
  std::unique_ptr<BareProxy> proxy_;
};

TEST_F(NamesTest, ASlowNameServerHoldsBackNobodyElse) {
  const std::string yaml = scratch_.path("c.yaml");
  std::ofstream(yaml) << "upstreams: [{name: other, prefix: /other, base_url: \"" << other_.url()
                      << "\"}]\n";
  start("127.0.0.1", 6000, {"--config", yaml});
  std::vector<std::future<Timed>> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(std::async(std::launch::async, [this] { return timed("/v1/x"); }));
  }
  ASSERT_TRUE(eventually([&] { return questions() > 0; }));
  for (int i = 0; i < 5; ++i) {
    const Timed beside = timed("/other/x");
    EXPECT_EQ(beside.reply.body, "other");
    EXPECT_LT(beside.took, milliseconds(4000));
  }
  for (auto& one : waiting) EXPECT_EQ(one.get().reply.body, "here");
  EXPECT_EQ(questions(), 1U) << "many who ask at once share one question";
  EXPECT_LT(timed("/v1/x").took, milliseconds(4000));
}

TEST_F(NamesTest, ADeadAddressCostsAQuarterOfASecond) {
  const DeadAddress dead(upstream_.port());
  ASSERT_TRUE(dead.ready());
  start("127.0.0.2,127.0.0.1", 0);
  const Timed first = timed("/v1/x");
  EXPECT_EQ(first.reply.body, "here");
  EXPECT_GE(first.took, milliseconds(200)) << "the dead address was not tried";
  EXPECT_LT(first.took, milliseconds(5000));
  EXPECT_EQ(timed("/v1/x").reply.body, "here");  // over the kept connection
  const std::string metrics = ask(proxy_->port(), {.target = "/metrics"}).body;
  EXPECT_NE(metrics.find("\nalbicilla_upstream_connections_total 1\n"), std::string::npos)
      << metrics;
}

TEST_F(NamesTest, AnAddressThatRefusesCostsNothing) {
  start("127.0.0.3,127.0.0.1", 0);
  EXPECT_EQ(timed("/v1/x").reply.body, "here");
}

TEST_F(NamesTest, AQuestionThatTakesTooLongIsATimeout) {
  start("127.0.0.1", 6000, {"--connect-timeout", "300ms"});
  const Timed late = timed("/v1/x");
  EXPECT_EQ(late.reply.status, 504U);
  EXPECT_LT(late.took, milliseconds(5000));
}

TEST_F(NamesTest, ANameThatNobodyKnowsIsABadGateway) {
  start("", 0);
  EXPECT_EQ(timed("/v1/x").reply.status, 502U);
  EXPECT_EQ(timed("/v1/x").reply.status, 502U);
}

}  // namespace
}  // namespace albicilla::support
