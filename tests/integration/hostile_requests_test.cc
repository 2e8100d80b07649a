// HTTP.md's rows for what clients send: each bad request gets its answer and a closed connection,
// nothing behind it is executed, nothing of it reaches the upstream, and the next client is served.
// Two writes, because one would hide what is executed behind a bad request.
#include "tests/integration/relay_fixture.h"
#include "tests/support/hostile/bad_requests.h"

namespace albicilla::support {
namespace {

class HostileRequests : public testing::Test {
 protected:
  void check(const BadRequest& row);
  void check_all(const std::vector<BadRequest>& rows) {
    ASSERT_TRUE(proxy_.ready());
    worker_ = proxy_.worker();
    for (const BadRequest& row : rows) {
      SCOPED_TRACE(row.name);
      check(row);
    }
    EXPECT_EQ(proxy_.worker(), worker_) << "the worker has died";
  }

  EchoingUpstream upstream_{simple_answer("ok")};
  BareProxy proxy_{upstream_.url()};
  pid_t worker_ = -1;
};

void HostileRequests::check(const BadRequest& row) {
  const std::size_t before = upstream_.requests().size();
  WireClient client(proxy_.port());
  client.send(row.bytes);
  const Reply reply = client.receive();
  EXPECT_THAT(row.statuses, testing::Contains(reply.status)) << reply.raw;
  EXPECT_EQ(reply.field("connection"), "close");
  client.send("GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string behind = client.read_until("HTTP/1.1", std::chrono::milliseconds(5000));
  EXPECT_EQ(behind.find("HTTP/1.1"), std::string::npos) << behind;
  // Of a bad chunk the good ones before it may have gone on; the upstream saw no whole request.
  EXPECT_EQ(upstream_.requests().size(), before) << "the upstream was reached";
  EXPECT_EQ(ask(proxy_.port(), {.target = "/v1/honest"}).status, 200U);
}

TEST_F(HostileRequests, WithAmbiguousLengthsAreRefused) { check_all(bad_lengths()); }
TEST_F(HostileRequests, WithOtherCodingsThanChunkedAreRefused) { check_all(bad_codings()); }
TEST_F(HostileRequests, WithBrokenChunksAreRefused) { check_all(bad_chunks()); }
TEST_F(HostileRequests, WithBrokenFieldsAreRefused) { check_all(bad_fields()); }
TEST_F(HostileRequests, WithBrokenHostsAreRefused) { check_all(bad_hosts()); }
TEST_F(HostileRequests, WithTargetsThatAreNoPathsAreRefused) { check_all(bad_targets()); }
TEST_F(HostileRequests, WithBrokenRequestLinesAreRefused) { check_all(bad_request_lines()); }
TEST_F(HostileRequests, WithControlCharactersAreRefused) { check_all(control_characters()); }

TEST(HostileRows, AreAtLeastFourHundred) {
  std::size_t count = 0;
  for (const auto& rows : {bad_lengths(), bad_codings(), bad_chunks(), bad_fields(), bad_hosts(),
                           bad_targets(), bad_request_lines(), control_characters()}) {
    count += rows.size();
  }
  EXPECT_GE(count, 400U);
}

TEST_F(HostileRequests, HaveForbiddenTrailersDropped) {
  ASSERT_TRUE(proxy_.ready());
  WireClient client(proxy_.port());
  client.send(
      "POST /v1/things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\na\r\n0\r\nAuthorization: y\r\nX-Api-Key: z\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200U);
  ASSERT_EQ(upstream_.requests().size(), 1U);
  EXPECT_TRUE(upstream_.requests().front().ends_with("\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"))
      << upstream_.requests().front();
}

}  // namespace
}  // namespace albicilla::support
