// Secrets planted everywhere a client, an upstream or an operator can put one, under mixed traffic:
// afterwards they stand in no file, message, metric, answer or argv of ours. While the sink is
// stopped the spool holds everything, and even then no secret of a header or a query.
// ALBICILLA_CANARY_SECONDS=N goes on for that long (one round by default).
#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "tests/integration/relay_fixture.h"
#include "tests/support/hostile/bad_requests.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/sha256.h"
#include "tests/support/web_socket_bytes.h"

namespace albicilla::support {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSoon{10'000};

// What is looked for is a part that nothing else contains, so a leaked half is found too.
const std::vector<std::string> kHeaderMarks = {
    "CANclientkey", "CANwrongkey0", "CANcookie000", "CANgoogkey00", "CANproxyauth",
    "CANquerykey0", "CANprotocol0", "CANreferer00", "CANsetcookie", "CANlocation0",
    "CANinjected0", "CANadmintok0", "CANhostile00", "CANupstoken0"};
const std::vector<std::string> kBodyMarks = {
    "CANaskplain0",     "CANaskstream",           "CANanswer000", "CANstreamed0",
    "CANunknown00",     "CANmessages0",           "CANfailed000", "CANbroken000",
    "CANnested000",     "CANgzipped00",           "eyJDQU5qd3Q",  "can.ary@secret.example",
    "5105105105105100", "GB33BUKB20201555555555", "CANticket000"};

std::string key_with(const std::string& mark) { return "sk-proj-" + mark + "abcdefghijkl"; }

std::string stream_of(const std::string& text, bool known) {
  std::string body;
  for (std::size_t at = 0; at < text.size(); at += 5) {
    const std::string piece = text.substr(at, 5);
    body += known ? R"(data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[)"
                    R"({"index":0,"delta":{"content":")" +
                        piece + "\"}}]}\n\n"
                  : "data: {\"piece\":\"" + piece + "\"}\n\n";
  }
  return body + "data: [DONE]\n\n";
}

std::string answer(const std::string& status, const std::string& type, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
         "\r\nSet-Cookie: s=" + key_with("CANsetcookie") +
         "\r\nLocation: http://x/?token=" + key_with("CANlocation0") +
         "\r\nX-Amz-Security-Token: CANupstoken0secret\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void talk(UpstreamPeer& peer) {
  peer.send(web_socket_switching());
  peer.read_some();
  const std::string said = key_with("CANmessages0");
  for (std::size_t at = 0; at < said.size(); at += 7) {
    peer.send(server_frame(0x81, R"({"type":"d","delta":")" + said.substr(at, 7) + "\"}"));
  }
  peer.send(server_frame(0x88, "\x03\xE8"));
  peer.wait_closed();
}

void serve(UpstreamPeer& peer) {
  while (const auto head = peer.read_request()) {
    const auto asks_for = [&](std::string_view what) {
      return head->find(what) != std::string::npos;
    };
    const std::string event_stream = "text/event-stream";
    if (asks_for("Upgrade: websocket")) return talk(peer);
    if (asks_for("/v1/broken")) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{\"half\":\"" +
                key_with("CANbroken000"));
      return peer.reset();
    }
    if (asks_for("/v1/fail")) {
      peer.send(answer("401 Unauthorized", "application/json",
                       R"({"error":{"message":"Incorrect API key provided: )" +
                           key_with("CANfailed000") + "\"}}"));
    } else if (asks_for("/v1/other")) {
      peer.send(answer("200 OK", event_stream, stream_of(key_with("CANunknown00"), false)));
    } else if (asks_for("\"stream\":true")) {
      peer.send(answer("200 OK", event_stream, stream_of(key_with("CANstreamed0"), true)));
    } else {
      peer.send(answer(
          "200 OK", "application/json",
          R"({"id":"c","choices":[{"message":{"content":")" + key_with("CANanswer000") + "\"}}]}"));
    }
  }
}

class CanariesTest : public testing::Test {
 protected:
  CanariesTest() {
    const std::string keys = scratch_.path("keys.json");
    std::ofstream(keys) << R"({"keys":[{"api_key":"sha256:)" +
                               sha256_hex(key_with("CANclientkey")) +
                               R"(","user_id":"u","active":true}]})";
    const std::string yaml = scratch_.path("c.yaml");
    std::ofstream(yaml) << "redaction:\n  rules:\n    - {name: ticket, path: request.**.ticket}\n";
    pipeline_ =
        std::make_unique<Pipeline>(Pipeline::Options{.workers = 2,
                                                     .upstream = upstream_.url(),
                                                     .flags = {"--config",
                                                               yaml,
                                                               "--keys-file",
                                                               keys,
                                                               "--api-key",
                                                               key_with("CANinjected0"),
                                                               "--admin-token",
                                                               "CANadmintok0secret",
                                                               "--redact",
                                                               "api_key,token,email,card,iban",
                                                               "--redact-key-file",
                                                               scratch_.path("r.key"),
                                                               "--no-require-session-header",
                                                               "--layout",
                                                               "user_model_day",
                                                               "--layout",
                                                               "events",
                                                               "--layout",
                                                               "trace",
                                                               "--layout",
                                                               "messages",
                                                               "--verbose"}});
  }

  void TearDown() override {
    if (HasFailure()) std::cerr << "proxy and sink said:\n" << pipeline_->output();
  }

  Ask asking(const std::string& target, const std::string& body) {
    ++asked_;
    return {.method = "POST",
            .target = target,
            .fields = {{"Authorization", "Bearer " + key_with("CANclientkey")},
                       {"Cookie", "a=CANcookie000secret"},
                       {"X-Goog-Api-Key", key_with("CANgoogkey00")},
                       {"Proxy-Authorization", "Basic CANproxyauth=="},
                       {"Referer", "https://u:CANreferer00@x/?key=CANreferer00"},
                       {"Content-Type", "application/json"},
                       {"agent-session-id", "canaries"}},
            .body = body};
  }

  void mixed_round();
  void hostile_round();
  std::set<std::string> found_in_files(const std::vector<std::string>& marks) const;
  std::set<std::string> found_elsewhere() const;

  tests::ScratchDirectory scratch_;
  ScriptedUpstream upstream_{serve};
  std::unique_ptr<Pipeline> pipeline_;
  std::size_t asked_ = 0;
};

void CanariesTest::mixed_round() {
  const std::uint16_t port = pipeline_->port();
  const std::string query = "?key=" + key_with("CANquerykey0");
  const std::string personal =
      "mail can.ary@secret.example card 5105105105105100 iban GB33BUKB20201555555555 jwt "
      "eyJDQU5qd3Q0.eyJzdWIiOiIx.c2ln";
  EXPECT_EQ(ask(port, asking("/v1/chat/completions" + query,
                             R"({"model":"m","ticket":"CANticket000","messages":[{"role":"user",)"
                             R"("content":")" +
                                 key_with("CANaskplain0") + " " + personal + "\"}]}"))
                .status,
            200U);
  EXPECT_EQ(
      ask(port, asking("/v1/chat/completions",
                       R"({"model":"m","stream":true,"messages":[{"role":"user","content":")" +
                           key_with("CANaskstream") + "\"}]}"))
          .status,
      200U);
  EXPECT_EQ(ask(port, asking("/v1/other", R"({"arguments":"{\"key\":\")" +
                                              key_with("CANnested000") + R"(\"}"})"))
                .status,
            200U);
  EXPECT_EQ(ask(port, asking("/v1/fail", "{}")).status, 401U);
  (void)ask(port, asking("/v1/broken", "{}"));
  Ask coded = asking("/v1/other", "\x1F\x8B no gzip " + key_with("CANgzipped00"));
  coded.fields.emplace_back("Content-Encoding", "gzip");
  (void)ask(port, coded);
  Ask wrong = asking("/v1/chat/completions", R"({"api_key":")" + key_with("CANaskplain0") + "\"}");
  wrong.fields[0].second = "Bearer " + key_with("CANwrongkey0");
  EXPECT_EQ(ask(port, wrong).status, 401U);
  WireClient socket(port);
  socket.send(web_socket_asking(
      "/v1/talk", "agent-session-id: canaries\r\nAuthorization: Bearer " +
                      key_with("CANclientkey") +
                      "\r\nSec-WebSocket-Protocol: realtime, openai-insecure-api-key." +
                      key_with("CANprotocol0") + "\r\n"));
  ++asked_;
  ASSERT_NE(socket.read_until("\r\n\r\n", kSoon).find(" 101 "), std::string::npos);
  socket.send(client_frame(0x81, R"({"say":")" + key_with("CANmessages0") + "\"}"));
  socket.read_until("\x03\xE8", kSoon);
  socket.send(client_frame(0x88, "\x03\xE8"));
}

// What never parses leaves no record, and nothing in our own log.
void CanariesTest::hostile_round() {
  for (const auto& rows : {bad_lengths(), bad_fields()}) {
    for (std::size_t i = 0; i < rows.size(); i += 7) {
      std::string bytes = rows[i].bytes;
      const std::size_t line = bytes.find("\r\n");
      if (line == std::string::npos) continue;
      bytes.insert(line, "\r\nAuthorization: Bearer " + key_with("CANhostile00"));
      WireClient client(pipeline_->port());
      client.send(bytes);
      (void)client.receive(false, kSoon);
    }
  }
  (void)ask(pipeline_->port(),
            {.target = "/admin/keys", .fields = {{"x-admin-token", key_with("CANwrongkey0")}}});
}

std::set<std::string> CanariesTest::found_in_files(const std::vector<std::string>& marks) const {
  std::set<std::string> found;
  for (const std::filesystem::path& file : tests::files_below(pipeline_->scratch())) {
    const std::string bytes = tests::bytes_of_file(file.string());
    for (const std::string& mark : marks) {
      if (bytes.find(mark) == std::string::npos) continue;
      found.insert(mark + " in " + file.lexically_relative(pipeline_->scratch()).string());
    }
  }
  return found;
}

std::set<std::string> CanariesTest::found_elsewhere() const {
  std::vector<std::pair<std::string, std::string>> texts = {{"messages", pipeline_->output()}};
  for (const char* target : {"/metrics", "/config", "/admin/keys", "/", "/health"}) {
    for (const char* accept : {"text/plain", "application/json"}) {
      const Reply reply =
          ask(pipeline_->port(),
              {.target = target,
               .fields = {{"Accept", accept}, {"x-admin-token", "CANadmintok0secret"}}});
      texts.emplace_back(target, reply.raw);
    }
  }
  std::vector<pid_t> processes = pipeline_->workers();
  for (const pid_t sink : pipeline_->sinks()) processes.push_back(sink);
  processes.push_back(pipeline_->supervisor());
  for (const pid_t process : processes) {
    for (const char* name : {"cmdline", "comm", "environ"}) {
      const std::string path = "/proc/" + std::to_string(process) + "/" + name;
      texts.emplace_back(path, tests::bytes_of_file(path));
    }
  }
  std::set<std::string> found;
  for (const auto& [where, text] : texts) {
    EXPECT_FALSE(text.empty()) << where;
    for (const auto* marks : {&kHeaderMarks, &kBodyMarks}) {
      for (const std::string& mark : *marks) {
        if (text.find(mark) != std::string::npos) found.insert(mark + " in " + where);
      }
    }
  }
  return found;
}

TEST_F(CanariesTest, StandNowhereAfterMixedTraffic) {
  ASSERT_TRUE(pipeline_->ready());
  const char* wanted = std::getenv("ALBICILLA_CANARY_SECONDS");
  const auto end = steady_clock::now() + std::chrono::seconds(wanted ? std::atoi(wanted) : 0);
  const std::set<std::string> nothing;
  do {
    for (const pid_t sink : pipeline_->sinks()) kill(sink, SIGSTOP);
    mixed_round();
    hostile_round();
    // The spool holds what the sink has not: bodies, but never a header's or a query's secret.
    EXPECT_FALSE(found_in_files({"CANaskplain0"}).empty());
    EXPECT_EQ(found_in_files(kHeaderMarks), nothing);
    for (const pid_t sink : pipeline_->sinks()) kill(sink, SIGCONT);
    ASSERT_EQ(pipeline_->lines_of("canaries", asked_).size(), asked_);
    EXPECT_TRUE(eventually([&] { return found_in_files(kBodyMarks).empty(); }))
        << testing::PrintToString(found_in_files(kBodyMarks));
    EXPECT_EQ(found_elsewhere(), nothing);
    if (HasFailure()) break;
  } while (steady_clock::now() < end);
  // They were really there: each rule has found something, and says so.
  std::set<std::string> rules;
  for (const Line& line : pipeline_->lines()) {
    if (!line.json.contains("exchange")) continue;
    for (const auto& [rule, count] : line.json["exchange"]["redactions"].items())
      rules.insert(rule);
  }
  EXPECT_EQ(rules, (std::set<std::string>{"api_key", "card", "email", "header", "iban", "query",
                                          "ticket", "token", "withheld"}));
  EXPECT_EQ(pipeline_->stop(), 0);
  std::vector<std::string> all = kHeaderMarks;
  all.insert(all.end(), kBodyMarks.begin(), kBodyMarks.end());
  EXPECT_EQ(found_in_files(all), nothing);
}

}  // namespace
}  // namespace albicilla::support
