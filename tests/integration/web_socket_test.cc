// WebSockets through the whole pipeline: bytes untouched in both directions, every message in the
// log with direction and time.
#include <zlib.h>

#include "tests/integration/relay_fixture.h"

namespace albicilla::support {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSoon{5000};
const std::string kKey = "dGhlIHNhbXBsZSBub25jZQ==";
const std::string kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::string handshake(const std::string& target, const std::string& fields = "") {
  return "GET " + target +
         " HTTP/1.1\r\nHost: x\r\nagent-session-id: ws\r\nConnection: keep-alive, Upgrade\r\n"
         "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
         kKey + "\r\n" + fields + "\r\n";
}

std::string switching(const std::string& fields = "") {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         kAccept + "\r\n" + fields + "\r\n";
}

// A client's frame; `first` holds FIN, RSV1 and the opcode.
std::string frame(unsigned first, std::string_view payload) {
  const std::string mask = "\x21\x43\x65\x07";
  std::string bytes{static_cast<char>(first), static_cast<char>(0x80 | payload.size())};
  bytes += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return bytes;
}

std::string from_server(unsigned first, std::string_view payload) {
  return std::string{static_cast<char>(first), static_cast<char>(payload.size())}.append(payload);
}

std::string deflated(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out - 4);
  deflateEnd(&stream);
  return out;
}

std::vector<std::string> texts(const nlohmann::ordered_json& messages) {
  std::vector<std::string> all;
  for (const auto& message : messages) {
    if (message.at("type") == "text") all.push_back(message.at("message").dump());
  }
  return all;
}

TEST(WebSockets, AreRelayedUntouchedAndLoggedByMessage) {
  Pipeline pipeline;
  ASSERT_TRUE(pipeline.ready());
  WireClient client(pipeline.port());
  client.send(handshake("/v1/echo", "Sec-WebSocket-Protocol: first, second\r\n"));
  const std::string head = client.read_until("\r\n\r\n", kSoon);
  ASSERT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
  EXPECT_NE(head.find("sec-websocket-accept: " + kAccept), std::string::npos);
  EXPECT_NE(head.find("sec-websocket-protocol: first\r\n"), std::string::npos);
  client.send(frame(0x81, R"({"n": 1.0})") + frame(0x01, "in two ").substr(0, 5));
  client.send(frame(0x01, "in two ").substr(5) + frame(0x80, "frames") + frame(0x89, "ping"));
  const std::string echoed = from_server(0x81, R"({"n": 1.0})") +
                             from_server(0x81, "in two frames") + from_server(0x8A, "ping");
  EXPECT_EQ(client.read_until(from_server(0x8A, "ping"), kSoon), head + echoed);
  client.send(frame(0x88, "\x03\xE8"));
  client.read_until(from_server(0x88, "\x03\xE8"), kSoon);
  client.close();

  const auto lines = pipeline.lines_of("ws", 1);
  ASSERT_EQ(lines.size(), 1U);
  const auto& line = lines.front().json;
  EXPECT_EQ(line["exchange"]["ending"], "complete");
  EXPECT_EQ(line["exchange"]["status"], 101);
  EXPECT_EQ(texts(line["request"]),
            (std::vector<std::string>{R"({"n":1.0})", "\"in two frames\""}));
  EXPECT_EQ(texts(line["response"]),
            (std::vector<std::string>{R"({"n":1.0})", "\"in two frames\""}));
  EXPECT_NE(lines.front().text.find(R"({"n": 1.0})"), std::string::npos) << "not byte for byte";
  const auto& said = line["request"];
  ASSERT_EQ(said.size(), 4U);
  EXPECT_EQ(said[2]["type"], "ping");
  EXPECT_EQ(said[3]["code"], 1000);
  EXPECT_GE(said[1]["at"].get<std::string>(), said[0]["at"].get<std::string>());
}

TEST(WebSockets, HaveALineForEachAnswerOfTheResponsesApi) {
  Pipeline pipeline;
  ASSERT_TRUE(pipeline.ready());
  WireClient client(pipeline.port());
  client.send(handshake("/v1/responses"));
  ASSERT_TRUE(client.read_until("\r\n\r\n", kSoon).starts_with("HTTP/1.1 101 "));
  const std::string ask =
      R"({"type":"response.create","model":"gpt-4o-mini","input":"Say something."})";
  for (int turn = 1; turn <= 2; ++turn) {
    client.send(frame(0x81, ask));
    std::string got;
    EXPECT_TRUE(eventually([&] {
      got = client.read_until("never said", milliseconds(200));
      std::size_t ends = 0;
      for (std::size_t at = 0;
           (at = got.find("\"type\":\"response.completed\"", at)) != std::string::npos; ++at) {
        ++ends;
      }
      return ends == static_cast<std::size_t>(turn);
    }));
    // The line comes while the socket stays open.
    const auto lines = pipeline.lines_of("ws", static_cast<std::size_t>(turn));
    ASSERT_EQ(lines.size(), static_cast<std::size_t>(turn));
    const auto& line = lines.back().json;
    EXPECT_EQ(line["exchange"]["dialect"], "openai_responses");
    EXPECT_EQ(line["exchange"]["ending"], "complete");
    EXPECT_FALSE(line["exchange"]["model"].is_null());
    EXPECT_EQ(line["exchange"]["usage"]["source"], "exact");
    EXPECT_EQ(texts(line["request"]).size(), 1U);
    EXPECT_GT(texts(line["response"]).size(), 3U);
  }
}

TEST(WebSockets, AreDecodedInTheLogWhenTheyAreCompressed) {
  Pipeline pipeline;
  ASSERT_TRUE(pipeline.ready());
  WireClient client(pipeline.port());
  client.send(handshake("/v1/echo", "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  ASSERT_TRUE(client.read_until("\r\n\r\n", kSoon).starts_with("HTTP/1.1 101 "));
  const std::string text = R"({"said":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})";
  client.send(frame(0xC1, deflated(text)) + frame(0x81, "plain") + frame(0x88, "\x03\xE8"));
  client.read_until("\x03\xE8", kSoon);
  client.close();
  const auto lines = pipeline.lines_of("ws", 1);
  ASSERT_EQ(lines.size(), 1U);
  const std::vector<std::string> expected{text, "\"plain\""};
  EXPECT_EQ(texts(lines.front().json["request"]), expected);
  EXPECT_EQ(texts(lines.front().json["response"]), expected);
}

TEST(WebSockets, HaveALineWithin15SecondsWhileTheyStayOpen) {
  Pipeline pipeline;
  ASSERT_TRUE(pipeline.ready());
  WireClient client(pipeline.port());
  client.send(handshake("/v1/echo"));
  client.read_until("\r\n\r\n", kSoon);
  client.send(frame(0x81, "early"));
  const auto first = pipeline.lines_of("ws", 1);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_LT(first[0].json["exchange"]["duration_ms"].get<double>(), 15'000);
  client.send(frame(0x81, "late"));
  client.read_until("late", kSoon);
  client.reset();
  const auto lines = pipeline.lines_of("ws", 2);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(texts(lines[0].json["request"]), (std::vector<std::string>{"\"early\""}));
  EXPECT_EQ(texts(lines[1].json["request"]), (std::vector<std::string>{"\"late\""}));
  EXPECT_EQ(lines[1].json["exchange"]["ending"], "client_abort");
}

class WebSocketRelayTest : public testing::Test {
 protected:
  // What the client reads when the upstream answers its handshake so.
  Reply answer_to(const std::string& request, const std::string& answer) {
    upstream_.play([this, answer](UpstreamPeer& peer) {
      asked_ = peer.read_head().value_or("");
      peer.send(answer);
      peer.wait_closed();
    });
    WireClient client(proxy_.port());
    client.send(request);
    return client.receive();
  }

  std::string asked_;
  ScriptedUpstream upstream_{[](UpstreamPeer&) {}};
  BareProxy proxy_{upstream_.url(), {"--no-require-session-header"}};
};

TEST_F(WebSocketRelayTest, NeedsA101ThatFitsTheRequest) {
  ASSERT_TRUE(proxy_.ready());
  std::string other = switching();
  other.replace(other.find(kAccept), 4, "AAAA");
  for (const std::string& answer :
       {other, switching("Sec-WebSocket-Protocol: uninvited\r\n"),
        switching("Sec-WebSocket-Extensions: permessage-deflate\r\n"),
        std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n"
                    "Connection: Upgrade\r\n\r\n")}) {
    const Reply reply = answer_to(handshake("/v1/echo"), answer);
    EXPECT_EQ(reply.status, 502U) << answer;
    EXPECT_EQ(reply.field("x-albicilla-error"), "bad_upstream_response");
  }
}

TEST_F(WebSocketRelayTest, PassesARefusedUpgradeOn) {
  ASSERT_TRUE(proxy_.ready());
  const Reply reply = answer_to(handshake("/v1/echo"),
                                "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n"
                                "Content-Length: 3\r\n\r\nno!");
  EXPECT_EQ(reply.status, 426U);
  EXPECT_EQ(reply.body, "no!");
  EXPECT_NE(asked_.find("Connection: Upgrade\r\nUpgrade: websocket\r\n"), std::string::npos);
}

TEST_F(WebSocketRelayTest, IgnoresOtherUpgrades) {
  ASSERT_TRUE(proxy_.ready());
  const Reply reply = answer_to(
      "GET /v1/things HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
      "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
      simple_answer("plain"));
  EXPECT_EQ(reply.body, "plain");
  EXPECT_EQ(asked_.find("h2c"), std::string::npos);
  EXPECT_EQ(asked_.find("HTTP2-Settings"), std::string::npos);
}

TEST_F(WebSocketRelayTest, CarriesMegabytesBothWaysAndEndsWithEitherSide) {
  ASSERT_TRUE(proxy_.ready());
  const std::string block(1 << 20, 'x');
  upstream_.play([&](UpstreamPeer& peer) {
    peer.read_head();
    peer.send(switching());
    std::size_t got = 0;
    while (got < 8 * block.size()) {
      const std::string bytes = peer.read_some();
      if (bytes.empty()) return;
      got += bytes.size();
      peer.send(bytes);
    }
  });
  WireClient client(proxy_.port());
  client.send(handshake("/v1/echo"));
  client.read_until("\r\n\r\n", kSoon);
  std::thread sending([&] {
    for (int i = 0; i < 8; ++i) client.send(block);
  });
  const std::string got = client.read_until("never", milliseconds(20'000));
  sending.join();
  EXPECT_EQ(got.size(), switching().size() + 8 * block.size());
}

}  // namespace
}  // namespace albicilla::support
