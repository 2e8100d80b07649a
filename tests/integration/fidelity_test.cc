// What a user must not notice: bodies of any size and coding, heads without bodies, trailers; and
// that the line tells the truth about them.
#include "tests/integration/pipeline_fixture.h"
#include "tests/support/mock/encoder.h"
#include "tests/support/scripted_upstream.h"

namespace albicilla::support {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

class Fidelity : public PipelineTest {
 protected:
  // A pipeline in front of an upstream that does just that with its connections.
  void start_with(ScriptedUpstream::Script script) {
    upstream_ = std::make_unique<ScriptedUpstream>(std::move(script));
    start({.upstream = upstream_->url(), .flags = {"--no-require-session-header"}});
  }
  Reply get(const std::string& target, const std::string& method = "GET") {
    return ask(pipeline_->port(),
               {.method = method, .target = target, .fields = {{"agent-session-id", "s-1"}}});
  }
  void TearDown() override {
    PipelineTest::TearDown();
    pipeline_.reset();  // before its upstream, whose threads wait for it
  }

  std::unique_ptr<ScriptedUpstream> upstream_;
};

TEST_F(Fidelity, HeadsWithoutBodiesKeepTheirFields) {
  start_with([](UpstreamPeer& peer) {
    while (const auto request = peer.read_request()) {
      if (request->starts_with("HEAD")) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nETag: \"a\"\r\n\r\n");
      } else if (request->find("/304") != std::string::npos) {
        peer.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: \"b\"\r\n\r\n");
      } else {
        peer.send("HTTP/1.1 204 No Content\r\nX-Reason: none\r\n\r\n");
      }
    }
  });
  const Reply head = ask(pipeline_->port(), {.method = "HEAD", .target = "/v1/x"});
  EXPECT_EQ(head.field("Content-Length"), "12345");
  WireClient client(pipeline_->port());
  client.send("GET /304 HTTP/1.1\r\nHost: x\r\n\r\nGET /204 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string both = client.read_until("none\r\n\r\n", kPatience);
  EXPECT_EQ(both,
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: \"b\"\r\n\r\n"
            "HTTP/1.1 204 No Content\r\nX-Reason: none\r\n\r\n");
}

TEST_F(Fidelity, TrailersPassAndForbiddenOnesDoNot) {
  start_with([](UpstreamPeer& peer) {
    peer.read_request();
    peer.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        "3\r\nabc\r\n0\r\nX-Sum: 42\r\nSet-Cookie: a=b\r\n\r\n");
    peer.wait_closed();
  });
  WireClient client(pipeline_->port());
  client.send("GET /v1/x HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string all = client.read_until("\r\n0\r\nX-Sum: 42\r\n\r\n", kPatience);
  EXPECT_TRUE(all.ends_with("3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n")) << all;
  EXPECT_NE(all.find("Trailer: X-Sum"), std::string::npos);
}

TEST_F(Fidelity, AnUploadOf100MegabytesArrivesAsItIs) {
  start();
  const std::string boundary = "----WebKitFormBoundary'()+_,-./:=?7MA4";
  std::string body = "--" + boundary +
                     "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n"
                     "Content-Type: application/octet-stream\r\n\r\n";
  for (std::size_t i = 0; body.size() < 100 * kMegabyte; ++i) {
    body += "line " + std::to_string(i * 2654435761U) + "\r\n";
  }
  body += "\r\n--" + boundary + "--\r\n";
  const pid_t worker = pipeline_->workers().front();
  const std::size_t before = pss_bytes(worker);
  const Reply reply =
      ask(pipeline_->port(),
          {.method = "POST",
           .target = "/v1/files",
           .fields = {{"agent-session-id", "s-1"},
                      {"x-mock-marker", "m-1"},
                      {"Content-Type", "multipart/form-data; boundary=\"" + boundary + "\""}},
           .body = body});
  EXPECT_EQ(reply.status, 200U);
  EXPECT_LT(pss_bytes(worker), before + 200 * kMegabyte);
  const json seen = pipeline_->provider().entry_of("m-1");
  EXPECT_EQ(seen["request_bytes"], body.size());
  EXPECT_EQ(seen["request_sha256"], sha256_hex(body));
  const Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["request_bytes"], body.size());
  EXPECT_TRUE(line.json["exchange"]["truncated"].get<bool>());
}

TEST_F(Fidelity, ADownloadOfAGigabyteTakesNoMoreMemoryThanItsCaptureMay) {
  constexpr std::size_t kBytes = 1024 * kMegabyte;
  start_with([](UpstreamPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
              std::to_string(kBytes) + "\r\n\r\n");
    const std::string block(kMegabyte, 'z');
    for (std::size_t sent = 0; sent < kBytes && peer.send(block); sent += block.size()) {
    }
    peer.wait_closed();
  });
  const pid_t worker = pipeline_->workers().front();
  const std::size_t before = pss_bytes(worker);
  WireClient client(pipeline_->port());
  client.send("GET /v1/files/f/content HTTP/1.1\r\nHost: x\r\nagent-session-id: s-1\r\n\r\n");
  std::size_t most = 0;
  std::size_t got = 0;
  while (got < kBytes) {
    const std::size_t more = client.discard(64 * kMegabyte, kPatience);
    if (more == 0) break;
    got += more;
    most = std::max(most, pss_bytes(worker));
  }
  EXPECT_GE(got, kBytes);
  EXPECT_LT(most, before + 160 * kMegabyte);  // the 32 MiB of the capture on their way to the disk
  const Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["response_bytes"], kBytes);
  EXPECT_EQ(line.json["exchange"]["ending"], "complete");
  EXPECT_TRUE(line.json["exchange"]["truncated"].get<bool>());
}

TEST_F(Fidelity, CodedBodiesStayCodedOnTheWireAndAreReadableInTheLog) {
  start();
  for (const std::string coding : {"gzip", "deflate", "br", "zstd"}) {
    const std::string text = chat_body({.marker = "m-" + coding});
    Ask what = chat_ask({.session = coding, .marker = "m-" + coding});
    if (coding != "br") {  // which the mock provider cannot read
      what.body = mock::make_encoder(coding)->encode(text, true);
      what.fields.emplace_back("Content-Encoding", coding);
    }
    what.fields[2].second = "encoding=" + coding;
    const Reply reply = ask(pipeline_->port(), what);
    EXPECT_EQ(reply.status, 200U) << coding;
    EXPECT_EQ(reply.field("content-encoding"), coding);
    const json seen = pipeline_->provider().entry_of("m-" + coding);
    EXPECT_EQ(seen["request_sha256"], sha256_hex(what.body)) << coding;
    EXPECT_EQ(seen["response_sha256"], sha256_hex(reply.body)) << coding;
    const Line line = line_of(coding);
    EXPECT_EQ(line.json["request"]["model"], "gpt-4o") << coding;
    EXPECT_EQ(line.json["response"]["object"], "chat.completion") << coding;
  }
}

}  // namespace
}  // namespace albicilla::support
