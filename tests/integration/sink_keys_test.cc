// A sink behind CURVE keys, over real sockets: who has a key gets through, nobody else does, and
// nobody without one disturbs those who have.
#include <netinet/in.h>
#include <sys/socket.h>

#include <random>

#include <gtest/gtest.h>

#include "common/io/curve_keys.h"
#include "tests/support/pipeline/eventually.h"
#include "tests/support/sink_child.h"

namespace albicilla::tests {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};
constexpr milliseconds kRefusal{3'000};

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

class SinkKeysTest : public testing::Test {
 protected:
  SinkKeysTest() {
    must(make_sink_keys(files_, keys_));
    sink_key_ = load_sink_keys(files_, keys_)->public_key;
    allowed_ = allow("web-1");
    sink_ = std::make_unique<SinkChild>(std::vector<std::string>{"--curve-dir", keys_},
                                        std::string(), free_tcp_endpoint());
  }

  CurvePair allow(const std::string& name) {
    const CurvePair pair = make_curve_pair();
    must(allow_worker(files_, keys_, name, pair.public_key));
    return pair;
  }
  WireProducer::Address address(const CurvePair& own, const std::string& sink) const {
    WireProducer::Address address = sink_->address();
    address.keys = {own, sink};
    return address;
  }
  // A worker whose key is in the allowlist gets everything through.
  void expect_works(const CurvePair& own) {
    WireProducer worker(address(own, sink_key_), 1);
    for (int i = 0; i < 20; ++i) worker.add("s", 100);
    EXPECT_TRUE(worker.run(kPatience)) << sink_->output();
  }
  void expect_refused(const WireProducer::Address& address) {
    WireProducer worker(address, 2);
    worker.add("s");
    EXPECT_FALSE(worker.run(kRefusal));
    EXPECT_FALSE(worker.last());
  }
  bool says(const std::string& text) {
    return support::eventually([&] { return sink_->output().find(text) != std::string::npos; },
                               kPatience);
  }
  std::size_t records() const { return read_root(sink_->log_root()).records.size(); }

  ScratchDirectory scratch_;
  DiskFileSystem files_;
  std::string keys_ = scratch_.path("keys");
  std::string sink_key_;
  CurvePair allowed_;
  std::unique_ptr<SinkChild> sink_;
};

TEST_F(SinkKeysTest, LetsAnAllowedWorkerIn) {
  expect_works(allowed_);
  EXPECT_EQ(sink_->stop(), 0) << sink_->output();
  EXPECT_EQ(records(), 20U);
}

TEST_F(SinkKeysTest, RefusesAKeyThatIsNotAllowedInOneLine) {
  ASSERT_TRUE(sink_->wait_ready());
  expect_refused(address(make_curve_pair(), sink_key_));
  EXPECT_TRUE(says("worker refused, its key is not in the allowlist"));
  expect_works(allowed_);
  const std::string output = sink_->output();
  const std::size_t first = output.find("worker refused");
  EXPECT_EQ(output.find("worker refused", first + 1), std::string::npos) << output;
  EXPECT_EQ(sink_->stop(), 0);
  EXPECT_EQ(records(), 20U);
}

TEST_F(SinkKeysTest, RefusesWhoHasNoKeyOrExpectsAnotherSink) {
  ASSERT_TRUE(sink_->wait_ready());
  expect_refused(sink_->address());
  EXPECT_TRUE(says("connection refused, it has no key or expects another sink's"));
  expect_refused(address(allowed_, make_curve_pair().public_key));
  expect_works(allowed_);
}

TEST_F(SinkKeysTest, ReadsTheAllowlistAgainWhileItRuns) {
  ASSERT_TRUE(sink_->wait_ready());
  const CurvePair later = make_curve_pair();
  WireProducer waiting(address(later, sink_key_), 3);
  waiting.add("s");
  EXPECT_FALSE(waiting.run(kRefusal));
  must(allow_worker(files_, keys_, "web-2", later.public_key));
  EXPECT_TRUE(waiting.run(kPatience)) << sink_->output();
  must(forbid_worker(files_, keys_, "web-2"));
  EXPECT_TRUE(support::eventually(
      [&] {
        WireProducer again(address(later, sink_key_), 4);
        again.add("s");
        return !again.run(milliseconds(1'500));
      },
      kPatience));
}

TEST_F(SinkKeysTest, LetsNobodySpeakForAnothersProducer) {
  const CurvePair other = allow("web-2");
  WireProducer owner(address(allowed_, sink_key_), 1);
  owner.add("s");
  ASSERT_TRUE(owner.run(kPatience)) << sink_->output();
  for (const bool restarted : {false, true}) {
    if (restarted) {
      sink_->kill();
      sink_->start();
      ASSERT_TRUE(sink_->wait_ready());
    }
    WireProducer usurper(address(other, sink_key_), 2);
    WireHeader hello = usurper.header(MessageKind::hello, 0);
    hello.producer = owner.id();
    hello.base = Seq{1000};  // would give up a thousand records
    usurper.send_raw(encode(hello), std::nullopt);
    EXPECT_TRUE(says("a worker speaks for another one's producer"));
    owner.add("s");
    EXPECT_TRUE(owner.run(kPatience)) << sink_->output();
  }
  EXPECT_EQ(sink_->stop(), 0);
  const RootContent root = read_root(sink_->log_root());
  EXPECT_EQ(root.gap_lines, 0U);
  EXPECT_EQ(root.records.size(), 3U);
}

TEST_F(SinkKeysTest, IsNotDisturbedByGarbageAndHalfHandshakes) {
  ASSERT_TRUE(sink_->wait_ready());
  const std::string records = sink_->address().records;
  const auto port = static_cast<std::uint16_t>(std::stoi(records.substr(records.rfind(':') + 1)));
  std::mt19937 random(7);
  std::vector<Fd> connections;
  for (int i = 0; i < 60; ++i) {
    Fd connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port + i % 2));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(connection.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    // Of a third nothing, of a third half a greeting of the protocol, of a third anything.
    std::string bytes;
    if (i % 3 == 1) bytes = std::string("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE", 17);
    if (i % 3 == 2) {
      for (int n = 0; n < 500; ++n) bytes.push_back(static_cast<char>(random()));
    }
    if (!bytes.empty()) {
      EXPECT_GT(::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
    }
    connections.push_back(std::move(connection));
  }
  expect_works(allowed_);
  EXPECT_EQ(sink_->stop(), 0) << sink_->output();
}

TEST(SinkKeys, AreNeededBeyondThisHost) {
  SinkChild sink({}, {}, "tcp://0.0.0.0:5599");
  EXPECT_EQ(sink.wait(), 2);
  EXPECT_NE(sink.output().find("--curve-dir"), std::string::npos) << sink.output();
}

TEST(SinkKeys, MustExistBeforeTheSinkListens) {
  ScratchDirectory scratch;
  SinkChild sink({"--curve-dir", scratch.path("none")}, {}, free_tcp_endpoint());
  EXPECT_EQ(sink.wait(), 1);
  EXPECT_NE(sink.output().find("albicilla-sink keys make"), std::string::npos) << sink.output();
}

}  // namespace
}  // namespace albicilla::tests
