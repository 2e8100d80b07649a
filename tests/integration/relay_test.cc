// What the relay does with streams, breaks, early answers and idle connections, seen from both ends
// byte by byte.
#include <atomic>
#include <mutex>
#include <thread>

#include "tests/integration/relay_fixture.h"

namespace albicilla::support {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSoon{5000};

std::string get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

std::string post(const std::string& body, const std::string& fields = "") {
  return "POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + fields + "\r\n" + body;
}

std::string chunk(const std::string& bytes) {
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return size.data() + bytes + "\r\n";
}

const std::string kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

class RelayTest : public testing::Test {
 protected:
  void start(ScriptedUpstream::Script script, const std::vector<std::string>& flags = {}) {
    upstream_ = std::make_unique<ScriptedUpstream>(std::move(script));
    proxy_ = std::make_unique<BareProxy>(upstream_->url(), flags);
    ASSERT_TRUE(proxy_->ready());
  }
  std::uint16_t port() const { return proxy_->port(); }

  std::unique_ptr<ScriptedUpstream> upstream_;
  std::unique_ptr<BareProxy> proxy_;  // ends first: the upstream's threads wait for its end
};

TEST_F(RelayTest, HandsOnEveryUpstreamWriteAsItCame) {
  std::atomic<int> wanted{0};
  start([&](UpstreamPeer& peer) {
    peer.read_request();
    peer.send(kStreamHead);
    for (int i = 1; i <= 20; ++i) {
      eventually([&] { return wanted >= i; }, kSoon);
      peer.send(chunk("data: " + std::to_string(i) + "\n\n"));
    }
    eventually([&] { return wanted > 20; }, kSoon);
    peer.send("0\r\n\r\n");
  });
  WireClient client(port());
  client.send(get("/v1/events"));
  std::string all = client.read_until("\r\n\r\n", kSoon);
  EXPECT_EQ(all, kStreamHead);
  for (int i = 1; i <= 20; ++i) {
    ++wanted;
    all += chunk("data: " + std::to_string(i) + "\n\n");
    // Exactly that much, before the upstream says more.
    EXPECT_EQ(client.read_until("data: " + std::to_string(i) + "\n\n\r\n", kSoon), all);
  }
  ++wanted;
  EXPECT_TRUE(client.receive().complete);
}

TEST_F(RelayTest, KeepsChunkBordersOfBothDirections) {
  std::string seen;
  start([&](UpstreamPeer& peer) {
    seen = peer.read_request().value_or("");
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("one") +
              chunk("two") + "5;note=x\r\nth");
    peer.send("ree\r\n0\r\nX-Sum: 3\r\nSet-Cookie: no\r\n\r\n");
    peer.wait_closed();
  });
  WireClient client(port());
  client.send("POST /v1/things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunk("ab") + chunk("c") + "0\r\n\r\n");
  const Reply reply = client.receive();
  EXPECT_TRUE(
      reply.raw.ends_with(chunk("one") + chunk("two") + chunk("three") + "0\r\nX-Sum: 3\r\n\r\n"))
      << reply.raw;
  EXPECT_TRUE(seen.ends_with("\r\n\r\n" + chunk("ab") + chunk("c") + "0\r\n\r\n")) << seen;
}

TEST_F(RelayTest, PassesABrokenAnswerOnAsBroken) {
  const std::pair<std::string, bool> rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", false},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", true},
  };
  for (const auto& [bytes, by_reset] : rows) {
    start([&](UpstreamPeer& peer) {
      peer.read_request();
      peer.send(bytes);
      std::this_thread::sleep_for(milliseconds(30));  // lets the bytes leave before the reset
      if (by_reset) {
        peer.reset();
      } else {
        peer.close();
      }
    });
    WireClient client(port());
    client.send(get("/v1/things"));
    const Reply reply = client.receive();
    EXPECT_EQ(reply.status, 200U) << bytes;
    EXPECT_FALSE(reply.complete && !by_reset) << reply.raw;
  }
}

TEST_F(RelayTest, EndsAnAnswerWithoutLengthByClosing) {
  start([](UpstreamPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nto the end");
  });
  WireClient client(port());
  client.send(get("/v1/things"));
  const Reply reply = client.receive();
  EXPECT_EQ(reply.raw, "HTTP/1.1 200 OK\r\nX-A: b\r\nConnection: close\r\n\r\nto the end");
  EXPECT_TRUE(reply.closed);
}

TEST_F(RelayTest, TakesChunksOffForHttp10) {
  start([](UpstreamPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("one") +
              chunk("two") + "0\r\n\r\n");
    peer.wait_closed();
  });
  WireClient client(port());
  client.send("GET /v1/things HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.receive().raw, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo");
}

TEST_F(RelayTest, KeepsAnHttp10ConnectionThatAsksForIt) {
  start([](UpstreamPeer& peer) {
    while (peer.read_request()) peer.send(simple_answer("ok"));
  });
  WireClient client(port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET /v1/things HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.receive().field("connection"), "keep-alive");
  }
}

TEST_F(RelayTest, AnswersPipelinedRequestsInTheirOrder) {
  std::atomic<int> count{0};
  start([&](UpstreamPeer& peer) {
    while (peer.read_request()) peer.send(simple_answer("answer " + std::to_string(++count)));
  });
  WireClient client(port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += post("body " + std::to_string(i));
  client.send(all);
  for (int i = 1; i <= 50; ++i) EXPECT_EQ(client.receive().body, "answer " + std::to_string(i));
  EXPECT_EQ(upstream_->connections(), 1U);
}

TEST_F(RelayTest, PassesInterimAnswersAndTheFinalOne) {
  start([](UpstreamPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
              simple_answer("final"));
    peer.wait_closed();
  });
  WireClient client(port());
  client.send(get("/v1/things"));
  EXPECT_EQ(client.read_until("final", kSoon),
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
                simple_answer("final"));
}

TEST_F(RelayTest, LeavesTheDecisionAbout100ContinueToTheUpstream) {
  std::string seen;
  start([&](UpstreamPeer& peer) {
    seen = peer.read_head().value_or("");
    peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    std::string body;
    while (body.size() < 5) body += peer.read_some();
    seen += body;
    peer.send(simple_answer("ok"));
    peer.wait_closed();
  });
  WireClient client(port());
  client.send(
      "PUT /v1/things HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n", kSoon), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_NE(client.read_until("ok", kSoon).find("200 OK"), std::string::npos);
  EXPECT_NE(seen.find("Expect: 100-continue\r\n"), std::string::npos);
  EXPECT_TRUE(seen.ends_with("\r\n\r\nhello"));
}

TEST_F(RelayTest, HandsOnAnEarlyAnswerAndClosesBehindIt) {
  start([](UpstreamPeer& peer) {
    peer.read_head();
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    peer.wait_closed();
  });
  WireClient client(port());
  client.send("PUT /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(1000, 'x'));
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 413U);
  EXPECT_EQ(reply.body, "big");
  EXPECT_EQ(reply.field("connection"), "close");
}

TEST_F(RelayTest, StreamsARequestBodyWhileItComes) {
  std::mutex mutex;
  std::string seen;
  start([&](UpstreamPeer& peer) {
    peer.read_head();
    for (std::string bytes; !(bytes = peer.read_some()).empty();) {
      const std::lock_guard lock(mutex);
      seen += bytes;
      if (seen.ends_with("last")) break;
    }
    peer.send(simple_answer("ok"));
    peer.wait_closed();
  });
  WireClient client(port());
  client.send("PUT /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nfirst");
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return seen == "first";
  }));
  client.send("last");
  EXPECT_EQ(client.receive().body, "ok");
}

TEST_F(RelayTest, ReusesUpstreamConnectionsAndSendsAgainWhenOneHasDied) {
  start([](UpstreamPeer& peer) {
    peer.read_request();
    peer.send(simple_answer("once"));
    peer.read_request();  // takes the second request and closes without a byte
  });
  WireClient client(port());
  client.send(post("one"));
  EXPECT_EQ(client.receive().body, "once");
  client.send(post("two"));
  EXPECT_EQ(client.receive().body, "once");
  EXPECT_EQ(upstream_->connections(), 2U);
}

TEST_F(RelayTest, DoesNotSendAgainWhatAFreshConnectionLost) {
  start([](UpstreamPeer& peer) { peer.read_request(); });
  WireClient client(port());
  client.send(post("one"));
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 502U);
  EXPECT_EQ(reply.field("x-albicilla-error"), "upstream_closed");
  EXPECT_EQ(reply.field("x-should-retry"), "true");
  EXPECT_EQ(upstream_->connections(), 1U);
}

TEST_F(RelayTest, TurnsBadAnswersInto502AndForgetsTheirConnection) {
  const std::string rows[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
      "HTTP/1.1 304 Not Modified\r\n\r\nbody",
      "HTTP/1.1 204 No Content\r\n\r\nbody",
      "HTTP/2.0 200 OK\r\n\r\n",
      "garbage\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'),
      "",
  };
  for (const std::string& bytes : rows) {
    start([&](UpstreamPeer& peer) {
      peer.read_request();
      peer.send(bytes);
      if (!bytes.empty()) peer.wait_closed();
    });
    WireClient client(port());
    client.send(get("/v1/things"));
    const Reply reply = client.receive();
    EXPECT_EQ(reply.status, 502U) << bytes.substr(0, 80);
    EXPECT_FALSE(reply.field("x-albicilla-error").empty());
  }
}

TEST_F(RelayTest, StopsAnUpstreamThatSendsInterimAnswersWithoutEnd) {
  start([](UpstreamPeer& peer) {
    peer.read_request();
    while (peer.send("HTTP/1.1 102 Processing\r\n\r\n")) {
    }
  });
  WireClient client(port());
  client.send("GET /v1/things HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 502U);
}

TEST_F(RelayTest, SaysTimeoutWhenTheUpstreamStaysSilent) {
  start([](UpstreamPeer& peer) { peer.wait_closed(); }, {"--first-byte-timeout", "300ms"});
  WireClient client(port());
  client.send(get("/v1/things"));
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 504U);
  EXPECT_EQ(reply.field("x-albicilla-error"), "upstream_timeout");
}

TEST_F(RelayTest, CancelsTheUpstreamWhenTheClientLeaves) {
  std::atomic<bool> closed{false};
  start([&](UpstreamPeer& peer) {
    peer.read_request();
    closed = peer.wait_closed();
  });
  {
    WireClient client(port());
    client.send(get("/v1/things"));
    EXPECT_TRUE(eventually([&] { return upstream_->connections() == 1; }));
  }
  EXPECT_TRUE(eventually([&] { return closed.load(); }, milliseconds(3000)));
}

TEST_F(RelayTest, AnswersAClientThatHasClosedItsSendingSide) {
  start([](UpstreamPeer& peer) {
    peer.read_request();
    std::this_thread::sleep_for(milliseconds(1000));  // longer than a keep-alive client would get
    peer.send(simple_answer("here you are"));
    peer.wait_closed();
  });
  WireClient client(port());
  client.send(get("/v1/things", "Connection: close\r\n"));
  client.finish_sending();
  EXPECT_EQ(client.receive().body, "here you are");
}

TEST_F(RelayTest, AnswersAHalfClosedKeepAliveClientThatNeedNotWaitLong) {
  start([](UpstreamPeer& peer) {
    peer.read_request();
    peer.send(simple_answer("quick"));
    peer.wait_closed();
  });
  WireClient client(port());
  client.send(get("/v1/things"));
  client.finish_sending();
  EXPECT_EQ(client.receive().body, "quick");
}

TEST_F(RelayTest, ReadsOnForTheLogWhenToldToDrain) {
  std::atomic<bool> sent_all{false};
  start(
      [&](UpstreamPeer& peer) {
        peer.read_request();
        peer.send(kStreamHead);
        for (int i = 0; i < 30; ++i) {
          if (!peer.send(chunk("data: x\n\n"))) return;
          std::this_thread::sleep_for(milliseconds(20));
        }
        sent_all = peer.send("0\r\n\r\n");
        peer.wait_closed();
      },
      {"--on-client-abort", "drain"});
  {
    WireClient client(port());
    client.send(get("/v1/things"));
    client.read_until("data: x", kSoon);
  }
  EXPECT_TRUE(eventually([&] { return sent_all.load(); }));
}

TEST_F(RelayTest, ClosesAConnectionWhoseHeaderDoesNotCome) {
  start([](UpstreamPeer&) {}, {"--header-timeout", "300ms"});
  WireClient client(port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n");
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 408U);
  EXPECT_TRUE(reply.closed || client.read_until("never", kSoon).empty());
}

TEST_F(RelayTest, RefusesBodiesBeyondTheLimit) {
  start(
      [](UpstreamPeer& peer) {
        while (peer.read_request()) peer.send(simple_answer("ok"));
      },
      {"--body-limit", "1000"});
  WireClient small(port());
  small.send(post(std::string(1000, 'x')));
  EXPECT_EQ(small.receive().status, 200U);
  WireClient large(port());
  large.send(post(std::string(1001, 'x')));
  EXPECT_EQ(large.receive().status, 413U);
  WireClient announced(port());
  announced.send("POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n");
  EXPECT_EQ(announced.receive().status, 413U);
  WireClient chunks(port());
  chunks.send("POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunk(std::string(600, 'x')) + chunk(std::string(600, 'x')));
  EXPECT_EQ(chunks.receive().status, 413U);
}

TEST_F(RelayTest, NeverTurnsAStrangePathIntoAnEndpointOfOurs) {
  start([](UpstreamPeer& peer) {
    while (auto request = peer.read_request()) {
      peer.send(simple_answer(request->substr(0, request->find(" HTTP"))));
    }
  });
  for (const char* target :
       {"//health", "/health/", "/HEALTH", "/healt%68", "/./health", "/x/../health",
        "/admin%2fkeys", "//admin/keys", "/Admin/keys", "/metrics/", "/metrics%00"}) {
    const Reply reply = ask(port(), {.target = target});
    EXPECT_EQ(reply.body, std::string("GET ") + target) << target;
  }
  EXPECT_EQ(ask(port(), {.method = "POST", .target = "/health", .body = "x"}).body, "POST /health");
  EXPECT_EQ(ask(port(), {.target = "/health?x=1"}).status, 200U);
}

TEST_F(RelayTest, CarriesALargeBodyBothWaysInBoundedMemory) {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr std::size_t kGrowth = kBytes;  // they keep what was freed, and shadows of it
#else
  constexpr std::size_t kGrowth = std::size_t{8} << 20;
#endif
  start([](UpstreamPeer& peer) {
    auto head = peer.read_head();
    std::size_t got = 0;
    while (got < kBytes) {
      const std::string bytes = peer.read_some();
      if (bytes.empty()) return;
      got += bytes.size();
    }
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kBytes) + "\r\n\r\n");
    const std::string block(1 << 20, 'y');
    for (std::size_t sent = 0; sent < kBytes; sent += block.size()) peer.send(block);
    peer.wait_closed();
  });
  const std::size_t before = pss_bytes(proxy_->worker());
  WireClient client(port());
  client.send("PUT /v1/upload HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kBytes) +
              "\r\n\r\n");
  client.send(std::string(kBytes, 'x'));
  const Reply reply = client.receive();
  EXPECT_EQ(reply.body.size(), kBytes);
  EXPECT_LT(pss_bytes(proxy_->worker()), before + kGrowth);
}

}  // namespace
}  // namespace albicilla::support
