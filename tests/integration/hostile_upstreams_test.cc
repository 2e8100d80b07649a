// HTTP.md's rows for what upstreams send: a bad head becomes a 502 of our own, a body that breaks
// its framing reaches the client as a broken answer and never as a whole one, the connection is not
// used again, and the next exchange is served.
#include "tests/integration/relay_fixture.h"

namespace albicilla::support {
namespace {

struct BadAnswer {
  std::string name;
  std::string bytes;
};

const std::string kOk = "HTTP/1.1 200 OK\r\n";

std::string with(const std::string& fields, const std::string& body = "") {
  return kOk + fields + "\r\n" + body;
}

std::vector<BadAnswer> bad_heads() {
  std::vector<BadAnswer> rows;
  for (const char* length : {"3, 3", "0, 3", "-3", "+3", "0x3", "3 3", "3;", "three", "", " ",
                             "9223372036854775808", "18446744073709551619", "3.0", "\"3\""}) {
    rows.push_back({std::string("length ") + length,
                    with("Content-Length: " + std::string(length) + "\r\n", "abc")});
  }
  for (const char* coding : {"gzip", "identity", "gzip, chunked", "chunked, chunked", "xchunked",
                             "chunked;q=1", "", "chunked\r\nTransfer-Encoding: chunked"}) {
    rows.push_back({std::string("coding ") + coding,
                    with("Transfer-Encoding: " + std::string(coding) + "\r\n", "0\r\n\r\n")});
  }
  for (const char* fields :
       {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length : 3\r\n", "nonsense\r\n", ": x\r\n", "A B: c\r\n", "A: b\nC: d\r\n",
        "A: b\rc\r\n", "A: b\x01\r\n"}) {
    rows.push_back({std::string("fields ") + fields, with(fields, "abc")});
  }
  for (const char* line :
       {"HTTP/2.0 200 OK", "HTTP/1.2 200 OK", "HTTP/0.9 200 OK", "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK", "HTTP/1.1 abc OK", "HTTP/1.1  200 OK", "HTTP/1.1", "http/1.1 200 OK",
        "ICY 200 OK", "garbage", "<html>", "\x15\x03\x01"}) {
    rows.push_back({std::string("line ") + line, std::string(line) + "\r\n\r\n"});
  }
  rows.push_back({"coding on HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"});
  rows.push_back({"304 with a body", "HTTP/1.1 304 Not Modified\r\n\r\nbody"});
  rows.push_back({"204 with a body", "HTTP/1.1 204 No Content\r\n\r\nbody"});
  rows.push_back({"101 unasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"});
  rows.push_back({"a field of 70 KB", kOk + "X: " + std::string(70'000, 'x')});
  std::string many;
  for (int i = 0; i < 300; ++i) many += "A: b\r\n";
  rows.push_back({"300 fields", with(many)});
  rows.push_back({"a head cut off", kOk + "Content-"});
  rows.push_back({"nothing", ""});
  return rows;
}

std::vector<BadAnswer> bad_bodies() {
  std::vector<BadAnswer> rows;
  rows.push_back({"shorter than its length", with("Content-Length: 10\r\n", "abc")});
  for (const char* body :
       {"3\r\nabc\r\n", "3\r\nabc\r\n0\r\n", "3\r\nab", "zz\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n", "+3\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n", "3\nabc\n0\n\n", "3\r\nabcd\r\n0\r\n\r\n",
        "10000000000000000\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\nno colon\r\n\r\n"}) {
    rows.push_back({std::string("chunks ") + body, with("Transfer-Encoding: chunked\r\n", body)});
  }
  rows.push_back({"a chunk extension of 5 KB",
                  with("Transfer-Encoding: chunked\r\n",
                       "3;x=" + std::string(5000, 'y') + "\r\nabc\r\n0\r\n\r\n")});
  rows.push_back({"a chunk size without end",
                  with("Transfer-Encoding: chunked\r\n", std::string(10'000, '0'))});
  return rows;
}

class HostileUpstreams : public testing::Test {
 protected:
  // What the client got when the upstream answered with these bytes and closed.
  Reply answer_to(const std::string& bytes) {
    upstream_.play([bytes](UpstreamPeer& peer) {
      peer.read_request();
      peer.send(bytes);
    });
    const std::size_t before = upstream_.connections();
    WireClient client(proxy_.port());
    client.send("GET /v1/things HTTP/1.1\r\nHost: x\r\n\r\n");
    Reply reply = client.receive();
    EXPECT_EQ(upstream_.connections(), before + 1) << "an old connection was used, or one too many";
    return reply;
  }

  ScriptedUpstream upstream_{[](UpstreamPeer&) {}};
  BareProxy proxy_{upstream_.url()};
};

TEST_F(HostileUpstreams, WithBadHeadsBecome502) {
  ASSERT_TRUE(proxy_.ready());
  const pid_t worker = proxy_.worker();
  for (const BadAnswer& row : bad_heads()) {
    const Reply reply = answer_to(row.bytes);
    EXPECT_EQ(reply.status, 502U) << row.name;
    EXPECT_FALSE(reply.field("x-albicilla-error").empty()) << row.name;
    EXPECT_TRUE(reply.complete) << row.name;
  }
  EXPECT_EQ(answer_to(simple_answer("ok")).body, "ok");
  EXPECT_EQ(proxy_.worker(), worker) << "the worker has died";
}

TEST_F(HostileUpstreams, WithBadBodiesNeverEndWell) {
  ASSERT_TRUE(proxy_.ready());
  const pid_t worker = proxy_.worker();
  for (const BadAnswer& row : bad_bodies()) {
    const Reply reply = answer_to(row.bytes);
    // What was wrong at once is said at once; later the client can only be shown a break.
    if (reply.status == 502) {
      EXPECT_EQ(reply.field("x-albicilla-error"), "bad_upstream_response") << row.name;
      continue;
    }
    EXPECT_EQ(reply.status, 200U) << row.name;
    EXPECT_FALSE(reply.complete) << row.name << "\n" << reply.raw;
    EXPECT_TRUE(reply.closed) << row.name;
  }
  EXPECT_EQ(answer_to(simple_answer("ok")).body, "ok");
  EXPECT_EQ(proxy_.worker(), worker) << "the worker has died";
}

TEST_F(HostileUpstreams, ThatSendMoreThanTheyAnnouncedAreNotUsedAgain) {
  ASSERT_TRUE(proxy_.ready());
  const Reply reply = answer_to(with("Content-Length: 3\r\n", "abcHTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_EQ(reply.body, "abc");
  EXPECT_EQ(answer_to(simple_answer("ok")).body, "ok");
}

}  // namespace
}  // namespace albicilla::support
