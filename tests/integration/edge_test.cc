// The proxy's edges: TLS and Unix sockets towards clients, TLS towards upstreams, several
// upstreams, trusted balancers, and the limits of a connection.
#include <csignal>

#include "tests/integration/relay_fixture.h"
#include "tests/support/tls_wire.h"

namespace albicilla::support {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSoon{5000};
const std::string kGet = "GET /v1/things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

std::string first_line(const std::string& request) {
  return request.substr(0, request.find("\r\n"));
}

bool accepts(std::uint16_t port) { return WireClient(port).connected(); }

TEST(TlsForClients, ServesHttpAndEndsWithAGoodBye) {
  tests::ScratchDirectory scratch;
  const Certificate certificate = make_certificate(scratch.path(), 1);
  EchoingUpstream upstream(simple_answer("over tls"));
  BareProxy proxy(upstream.url(),
                  {"--tls-cert", certificate.certificate, "--tls-key", certificate.key});
  ASSERT_TRUE(proxy.ready());
  TlsWireClient client(proxy.port(), certificate);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.protocol(), "http/1.1");
  client.send(kGet);
  const std::string answer = client.read_all();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nover tls")) << answer;
  EXPECT_TRUE(client.ended_cleanly());
  WireClient plain(proxy.port());
  plain.send(kGet);
  EXPECT_EQ(plain.read_until("HTTP", kSoon).find("HTTP"), std::string::npos);
}

TEST(TlsForClients, TakesARenewedCertificateUpOnSighup) {
  tests::ScratchDirectory scratch;
  Certificate certificate = make_certificate(scratch.path(), 1);
  EchoingUpstream upstream(simple_answer("ok"));
  BareProxy proxy(upstream.url(),
                  {"--tls-cert", certificate.certificate, "--tls-key", certificate.key});
  ASSERT_TRUE(proxy.ready());
  EXPECT_EQ(TlsWireClient(proxy.port(), certificate).server_serial(), 1);
  certificate = make_certificate(scratch.path(), 2);
  proxy.child().signal(SIGHUP);
  EXPECT_TRUE(
      eventually([&] { return TlsWireClient(proxy.port(), certificate).server_serial() == 2; }));
  // One that cannot be used is refused, and the one in force stays.
  std::ofstream(certificate.key) << "no key";
  proxy.child().signal(SIGHUP);
  EXPECT_TRUE(eventually(
      [&] { return proxy.output().find("configuration refused") != std::string::npos; }));
  EXPECT_EQ(TlsWireClient(proxy.port(), certificate).server_serial(), 2);
}

TEST(TlsForClients, IsNotStartedWithoutAGoodCertificate) {
  tests::ScratchDirectory scratch;
  const std::vector<std::string> arguments{binary("albicilla-proxy"),
                                           "--upstream",
                                           "http://127.0.0.1:1",
                                           "--port",
                                           std::to_string(free_port()),
                                           "--bench-discard-log",
                                           "--tls-cert",
                                           "/no/such/file",
                                           "--tls-key",
                                           "/no/such/file"};
  ChildProcess proxy({arguments, {}, scratch.path(), scratch.path("output")});
  EXPECT_EQ(proxy.wait(kPatience), 2);
}

TEST(TlsToUpstreams, IsCheckedNamedAndResumed) {
  tests::ScratchDirectory scratch;
  const Certificate certificate = make_certificate(scratch.path(), 1);
  TlsWireServer upstream(certificate, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsecret");
  const std::string url = "https://localhost:" + std::to_string(upstream.port());
  BareProxy proxy(url, {"--upstream-ca", certificate.certificate});
  ASSERT_TRUE(proxy.ready());
  for (unsigned round = 1; round <= 3; ++round) {
    EXPECT_EQ(ask(proxy.port(), {.target = "/v1/things"}).body, "secret");
    EXPECT_EQ(upstream.handshakes(), round);
  }
  EXPECT_EQ(upstream.resumed(), 2U);
  EXPECT_EQ(upstream.server_name(), "localhost");
}

TEST(TlsToUpstreams, IsRefusedWhenTheCertificateIsNotGood) {
  tests::ScratchDirectory scratch;
  tests::ScratchDirectory other;
  const Certificate good = make_certificate(scratch.path(), 1);
  const Certificate expired = make_certificate(other.path(), 2, -1);
  TlsWireServer unknown(good, simple_answer("x"));
  TlsWireServer late(expired, simple_answer("x"));
  struct Row {
    std::string url;
    std::string ca;
  };
  const Row rows[] = {
      {"https://localhost:" + std::to_string(unknown.port()), expired.certificate},
      {"https://127.0.0.2:" + std::to_string(unknown.port()), good.certificate},
      {"https://localhost:" + std::to_string(late.port()), expired.certificate},
  };
  for (const Row& row : rows) {
    BareProxy proxy(row.url, {"--upstream-ca", row.ca});
    ASSERT_TRUE(proxy.ready());
    const Reply reply = ask(proxy.port(), {.target = "/v1/things"});
    EXPECT_EQ(reply.status, 502U) << row.url << reply.raw;
    EXPECT_EQ(reply.field("x-albicilla-error"), "upstream_unreachable");
  }
  EXPECT_EQ(unknown.handshakes() + late.handshakes(), 0U);
}

TEST(UnixSocket, IsListenedOnInsteadOfAPort) {
  tests::ScratchDirectory scratch;
  EchoingUpstream upstream(simple_answer("by file"));
  const std::string path = scratch.path("proxy.sock");
  BareProxy proxy(upstream.url(), {"--listen-unix", path});
  ASSERT_TRUE(eventually([&] { return WireClient(std::filesystem::path(path)).connected(); }));
  for (int i = 0; i < 3; ++i) {
    WireClient client{std::filesystem::path(path)};
    client.send(kGet);
    EXPECT_EQ(client.receive().body, "by file");
  }
  EXPECT_FALSE(accepts(proxy.port()));
  proxy.child().signal(SIGTERM);
  EXPECT_EQ(proxy.child().wait(kPatience), 0);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SeveralUpstreams, AreChosenByPrefixAndDialect) {
  tests::ScratchDirectory scratch;
  EchoingUpstream main(simple_answer("main"));
  EchoingUpstream azure(simple_answer("azure"));
  EchoingUpstream vectors(simple_answer("vectors"));
  EchoingUpstream anthropic(simple_answer("anthropic"));
  std::ofstream(scratch.path("proxy.yaml"))
      << "upstreams:\n"
      << "  - {name: azure, prefix: /azure, base_url: \"" << azure.url() << "/base\"}\n"
      << "  - {name: vectors, dialect: openai_embeddings, base_url: \"" << vectors.url() << "\"}\n";
  BareProxy proxy(main.url(), {"--config", scratch.path("proxy.yaml"), "--anthropic-upstream",
                               anthropic.url(), "--no-require-session-header"});
  ASSERT_TRUE(proxy.ready());
  const auto post = [&](const std::string& target) {
    return ask(proxy.port(), {.method = "POST", .target = target, .body = "{}"}).body;
  };
  EXPECT_EQ(post("/azure/v1/chat/completions?x=1"), "azure");
  EXPECT_EQ(post("/azure"), "azure");
  EXPECT_EQ(post("/azurex"), "main");
  EXPECT_EQ(post("/v1/embeddings"), "vectors");
  EXPECT_EQ(post("/v1/messages"), "anthropic");
  EXPECT_EQ(post("/v1/chat/completions"), "main");
  ASSERT_EQ(azure.requests().size(), 2U);
  EXPECT_EQ(first_line(azure.requests()[0]), "POST /base/v1/chat/completions?x=1 HTTP/1.1");
  EXPECT_EQ(first_line(azure.requests()[1]), "POST /base/ HTTP/1.1");
}

TEST(TrustedProxies, SayWhoTheClientIs) {
  Pipeline pipeline({.flags = {"--trusted-proxy", "127.0.0.0/8", "--no-require-session-header"}});
  ASSERT_TRUE(pipeline.ready());
  struct Row {
    std::string session;
    std::string before;
    std::string field;
    std::string expected;
  };
  const Row rows[] = {
      {"forwarded", "", "X-Forwarded-For: 6.6.6.6, 203.0.113.7, 127.0.0.1\r\n", "203.0.113.7"},
      {"silent", "", "", "127.0.0.1"},
      {"v1", "PROXY TCP4 198.51.100.4 10.0.0.1 5000 443\r\n", "", "198.51.100.4"},
      {"v1beats", "PROXY TCP6 2001:db8::1 ::1 5000 443\r\n", "X-Forwarded-For: 6.6.6.6\r\n",
       "2001:db8::1"},
      {"v2",
       std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xC0\0\x02\x09\x0A\0\0\x01\x13\x88\x01\xBB",
                   28),
       "", "192.0.2.9"},
  };
  for (const Row& row : rows) {
    WireClient client(pipeline.port());
    client.send(row.before + "GET /v1/models HTTP/1.1\r\nHost: x\r\nagent-session-id: " +
                row.session + "\r\n" + row.field + "\r\n");
    EXPECT_EQ(client.receive().status, 200U) << row.session;
    const auto lines = pipeline.lines_of(row.session, 1);
    ASSERT_EQ(lines.size(), 1U) << row.session;
    EXPECT_EQ(lines.front().json["exchange"]["client_ip"], row.expected) << row.session;
  }
  WireClient metrics(pipeline.port());
  metrics.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(metrics.receive().status, 403U) << "what comes through a proxy is not of this machine";
}

TEST(TrustedProxies, AreOnlyThoseThatAreNamed) {
  Pipeline pipeline;
  ASSERT_TRUE(pipeline.ready());
  WireClient client(pipeline.port());
  client.send(
      "GET /v1/models HTTP/1.1\r\nHost: x\r\nagent-session-id: s\r\n"
      "X-Forwarded-For: 6.6.6.6\r\n\r\n");
  client.receive();
  const auto lines = pipeline.lines_of("s", 1);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().json["exchange"]["client_ip"], "127.0.0.1");
  WireClient other(pipeline.port());
  other.send("PROXY TCP4 198.51.100.4 10.0.0.1 5000 443\r\n" + kGet);
  EXPECT_EQ(other.receive().status, 400U);
}

TEST(Drain, ServesARequestThatHadComeBeforeIt) {
  Pipeline pipeline({.workers = 1});
  ASSERT_TRUE(pipeline.wait_ready());
  const std::string get = "GET /v1/models HTTP/1.1\r\nHost: x\r\nagent-session-id: s\r\n\r\n";
  WireClient client(pipeline.port());
  client.send(get);
  EXPECT_EQ(client.receive().status, 200U);
  const pid_t worker = pipeline.workers().front();
  ::kill(worker, SIGSTOP);
  client.send(get);
  ::kill(worker, SIGTERM);
  ::kill(worker, SIGCONT);
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(reply.field("connection"), "close");
}

// Another thread may wait for a processor when the signal comes; the loop would hear of it late.
TEST(Drain, IsAskedForOfTheLoopAlone) {
  Pipeline pipeline({.workers = 1, .flags = {"--durability", "fsync"}});
  ASSERT_TRUE(pipeline.wait_ready());
  const pid_t worker = pipeline.workers().front();
  const std::string tasks = "/proc/" + std::to_string(worker) + "/task";
  const auto takes_the_signal = [](const std::filesystem::path& task) {
    std::ifstream status(task / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("SigBlk:", 0) != 0) continue;
      return (std::stoull(line.substr(7), nullptr, 16) >> (SIGTERM - 1) & 1) == 0;
    }
    return false;
  };
  EXPECT_TRUE(eventually([&] {  // a thread takes its signals until it has begun
    std::vector<std::string> takers;
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      if (takes_the_signal(task)) takers.push_back(task.path().filename());
    }
    return takers == std::vector<std::string>{std::to_string(worker)};
  }));
}

class LimitsTest : public testing::Test {
 protected:
  EchoingUpstream upstream_{simple_answer("ok")};
};

TEST_F(LimitsTest, AnAddressMayHoldOnlySoManyConnections) {
  BareProxy proxy(upstream_.url(), {"--max-connections-per-address", "3"});
  ASSERT_TRUE(proxy.ready());
  std::vector<std::unique_ptr<WireClient>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(std::make_unique<WireClient>(proxy.port()));
    held.back()->send("GET /v1/things HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(held.back()->receive().status, 200U);
  }
  WireClient fourth(proxy.port());
  const Reply refused = fourth.receive();
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.field("x-albicilla-error"), "too_many_connections");
  EXPECT_TRUE(refused.complete);
  held.clear();
  EXPECT_TRUE(eventually([&] { return ask(proxy.port(), {.target = "/v1/x"}).status == 200; }));
}

TEST_F(LimitsTest, ABodyThatDripsIsClosed) {
  ScriptedUpstream patient([](UpstreamPeer& peer) {
    for (int i = 0; i < 3 && !peer.wait_closed(); ++i) {
    }
  });
  BareProxy proxy(patient.url(), {"--body-floor", "1000000", "--no-require-session-header"});
  ASSERT_TRUE(proxy.ready());
  // Streamed on, and read first: both have a floor.
  WireClient streamed(proxy.port());
  streamed.send("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
  WireClient read_first(proxy.port());
  read_first.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
  for (WireClient* client : {&streamed, &read_first}) {
    const Reply reply = client->receive();
    EXPECT_EQ(reply.status, 408U);
    EXPECT_EQ(reply.field("x-albicilla-error"), "body_too_slow");
  }
}

TEST_F(LimitsTest, AnIdleConnectionDoesNotHoldADrainUp) {
  BareProxy proxy(upstream_.url());
  ASSERT_TRUE(proxy.ready());
  WireClient idle(proxy.port());
  idle.send("GET /v1/things HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(idle.receive().status, 200U);
  const auto begun = std::chrono::steady_clock::now();
  proxy.child().signal(SIGTERM);
  EXPECT_EQ(proxy.child().wait(kPatience), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(1500));
}

TEST_F(LimitsTest, AClientThatHadJustConnectedIsServedByADrain) {
  BareProxy proxy(upstream_.url());
  ASSERT_TRUE(proxy.ready());
  WireClient early(proxy.port());
  // Connections are accepted in their order.
  EXPECT_EQ(ask(proxy.port(), {.target = "/v1/x"}).status, 200U);
  proxy.child().signal(SIGTERM);
  ASSERT_TRUE(eventually([&] { return proxy.output().find("connections=") != std::string::npos; }));
  early.send("GET /v1/things HTTP/1.1\r\nHost: x\r\n\r\n");
  const Reply reply = early.receive();
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(reply.field("connection"), "close");
  EXPECT_EQ(proxy.child().wait(kPatience), 0);
}

}  // namespace
}  // namespace albicilla::support
