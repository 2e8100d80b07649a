#include "proxy/outbox/render.h"

#include <zlib.h>

#include <chrono>

#include <gtest/gtest.h>

#include "common/json/tree.h"
#include "common/json/walk.h"
#include "common/record/log_line.h"
#include "common/record/message_entry.h"

namespace albicilla {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kChunk =
    R"(data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m-2","choices":[)"
    R"({"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]})";

ExchangeFacts facts() {
  ExchangeFacts one;
  one.opened.id.bytes[15] = 7;
  one.opened.started_at = WallTime(1'768'298'400s);
  one.opened.method = "POST";
  one.opened.path = "/v1/chat/completions";
  one.opened.request_headers = {{"Content-Type", "application/json"},
                                {"Authorization", "Bearer [REDACTED]"}};
  one.opened.session_hint = "s-1";
  one.opened.session_source = SessionSource::header;
  one.opened.dialect = "openai_chat";
  one.opened.upstream = "https://api.openai.com";
  one.opened.client_ip = "127.0.0.1";
  one.opened.slot = 3;
  one.closed.id = one.opened.id;
  one.closed.seq = Seq{9};
  one.closed.closed_at = one.opened.started_at + 1500ms;
  one.closed.status = 200;
  one.closed.response_headers = {{"content-type", "application/json"}};
  one.closed.duration = 1'500'042us;
  one.closed.first_byte = 1200ms;
  one.closed.request_bytes = 11;
  one.closed.response_bytes = 12;
  one.closed.chunks = 1;
  one.request_body = R"({"model":"m-1","messages":[]})";
  one.response_body =
      R"({"id":"c-1","model":"m-2","usage":{"prompt_tokens":3,"completion_tokens":4}})";
  one.producer.bytes[0] = 0xAB;
  return one;
}

std::string middle_of(const ExchangeFacts& one, const RenderOptions& options = {}) {
  const std::string middle = render(one, options).middle;
  EXPECT_TRUE(exchange_of_middle(middle)) << middle;
  return middle;
}

std::string member(const std::string& middle, std::string_view name) {
  const std::string object = "{" + middle + "}";
  return std::string(json_member(object, name));
}

std::string request_of(std::string_view body, std::string_view type = "application/json") {
  ExchangeFacts one = facts();
  one.request_body = body;
  one.opened.request_headers = {{"content-type", std::string(type)}};
  return member(middle_of(one), "request");
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Render, GivesTheMiddleOfTheLineAsSpecified) {
  EXPECT_EQ(
      middle_of(facts()),
      R"("request":{"model":"m-1","messages":[]},)"
      R"("response":{"id":"c-1","model":"m-2","usage":{"prompt_tokens":3,"completion_tokens":4}},)"
      R"("exchange":{"id":"00000000-0000-0000-0000-000000000007",)"
      R"("producer":"ab000000000000000000000000000000","seq":9,"worker":3,)"
      R"("started_at":"2026-01-13T10:00:00.000000+00:00","duration_ms":1500.042,"ttft_ms":1200,)"
      R"("method":"POST","path":"/v1/chat/completions","query":"","status":200,)"
      R"("ending":"complete","streaming":false,"dialect":"openai_chat",)"
      R"("upstream":"https://api.openai.com","upstream_id":"c-1","model":"m-2","user_id":null,)"
      R"("client_app":null,"client_ip":"127.0.0.1","attempt":0,)"
      R"("request_headers":[["Content-Type","application/json"],["Authorization","Bearer [REDACTED]"]],)"
      R"("response_headers":[["content-type","application/json"]],"request_bytes":11,)"
      R"("response_bytes":12,"chunks":1,"usage":{"input_tokens":3,"output_tokens":4,)"
      R"("total_tokens":7,"cached_tokens":null,"reasoning_tokens":null,"source":"exact"},)"
      R"("error":null,"redactions":{"header":1},"truncated":false})");
}

TEST(Render, SaysWhoStartedASubAgent) {
  ExchangeFacts one = facts();
  EXPECT_EQ(middle_of(one).find("\"agent\""), std::string::npos);
  one.opened.request_headers.push_back({"X-Claude-Code-Agent-Id", "a-2"});
  one.opened.request_headers.push_back({"X-Claude-Code-Parent-Agent-Id", "a-1"});
  EXPECT_EQ(json_member(member(middle_of(one), "exchange"), "agent"),
            R"({"id":"a-2","parent_id":"a-1","parent_session_id":null,"kind":null})");
}

TEST(Render, NamesTheRecordForTheSink) {
  const RecordNaming naming = render(facts(), {}).naming;
  EXPECT_EQ(naming.started_at, facts().opened.started_at);
  EXPECT_EQ(naming.closed_at, facts().closed.closed_at);
  EXPECT_EQ(naming.session_hint, "s-1");
  EXPECT_EQ(naming.session_source, SessionSource::header);
  EXPECT_EQ(naming.model, "m-2");
  EXPECT_EQ(naming.dialect, "openai_chat");
  ExchangeFacts failed = facts();
  failed.response_body.clear();
  failed.closed.status = 0;
  failed.request_body = R"({"model":")" + std::string(100'000, 'x') + "\"}";
  EXPECT_EQ(render(failed, {}).naming.model, std::string(1024, 'x'));
}

TEST(Render, KeepsTheBytesOfTheJsonThatWasSent) {
  const std::string odd = R"( {"a": 1.50, "a":1e999,"b":"\ud800 \/"} )";
  EXPECT_EQ("{" + request_of(odd) + "}", "{" + odd.substr(1, odd.size() - 2) + "}");
  EXPECT_EQ(request_of("{\r\n\"a\" : \"x  y\"\n}"), R"({"a":"x  y"})");
  EXPECT_EQ(request_of("1.50"), "1.50");
  EXPECT_EQ(request_of("1.50", "text/plain"), "\"1.50\"");
  EXPECT_EQ(request_of("[1]", "text/plain"), "[1]");
}

TEST(Render, LogsEverythingElseWithoutLoss) {
  EXPECT_EQ(request_of(""), "null");
  EXPECT_EQ(request_of("a\nb\"", "text/plain"), R"("a\nb\"")");
  EXPECT_EQ(request_of("{\"a\":"), R"("{\"a\":")");
  EXPECT_EQ(request_of("\xFF\x00\xFE", "audio/wav"),
            R"({"base64":"/w==","content_type":"audio/wav","bytes":1})");
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(request_of(deep), "\"" + deep + "\"");
  EXPECT_EQ(request_of(std::string(kMostBodyDepth, '[') + std::string(kMostBodyDepth, ']'))[0],
            '[');
}

TEST(Render, AssemblesStreams) {
  ExchangeFacts one = facts();
  one.closed.streaming = true;
  one.response_body = std::string(kChunk) + "\n\ndata: [DONE]\n\n";
  const std::string middle = middle_of(one);
  EXPECT_EQ(member(middle, "response"),
            R"({"id":"c-1","object":"chat.completion","created":1,"model":"m-2","choices":[)"
            R"({"index":0,"message":{"role":"assistant","content":"Hi","refusal":null},)"
            R"("logprobs":null,"finish_reason":"stop"}]})");
  EXPECT_EQ(json_member(member(middle, "exchange"), "upstream_id"), "\"c-1\"");
  one.closed.streaming = false;  // an answer without the right content type
  EXPECT_EQ(middle_of(one).substr(0, 300).find("chat.completion.chunk"), std::string::npos);
}

TEST(Render, KeepsAStreamThatMakesNoObjectAsItsText) {
  ExchangeFacts one = facts();
  one.closed.streaming = true;
  for (const char* stream : {"data: hello\n\n", "no events at all", "data: {\"x\":1}\n\n"}) {
    one.response_body = stream;
    std::string expected;
    append_json_string(expected, stream);
    EXPECT_EQ(member(middle_of(one), "response"), expected);
  }
  one.opened.dialect = "passthrough";
  one.response_body = "data: {\"x\":1}\n\n";
  EXPECT_EQ(member(middle_of(one), "response"), R"("data: {\"x\":1}\n\n")");
  one.response_body = std::string(kChunk) + "\n\n";
  EXPECT_TRUE(member(middle_of(one), "response").starts_with("{\"id\":\"c-1\""));
}

TEST(Render, TakesAPlainErrorOfAStreamedCallAsJson) {
  ExchangeFacts one = facts();
  one.closed.streaming = true;
  one.response_body = R"({"error":{"message":"no"}})";
  EXPECT_EQ(member(middle_of(one), "response"), one.response_body);
}

TEST(Render, DecodesTheLogsCopyOfCodedBodies) {
  ExchangeFacts one = facts();
  one.opened.request_headers.push_back({"Content-Encoding", "gzip"});
  one.closed.response_headers.push_back({"content-encoding", "gzip"});
  const std::string request = one.request_body;
  one.request_body = gzip(request);
  one.closed.streaming = true;
  one.response_body = gzip(std::string(kChunk) + "\n\n");
  const std::string middle = middle_of(one);
  EXPECT_EQ(member(middle, "request"), request);
  EXPECT_EQ(json_member(member(middle, "response"), "id"), "\"c-1\"");
  EXPECT_EQ(json_member(member(middle, "exchange"), "truncated"), "false");
  one.request_body = "\xFFno gzip";
  EXPECT_EQ(member(middle_of(one), "request"),
            R"({"base64":"/25vIGd6aXA=","content_type":"application/json","bytes":8})");
}

TEST(Render, CutsABombAndSaysSo) {
  ExchangeFacts one = facts();
  one.closed.response_headers = {{"content-encoding", "gzip"}};
  one.response_body = gzip(std::string(5'000'000, 'x'));
  RenderOptions options;
  options.most_decoded_bytes = 1000;
  const std::string middle = middle_of(one, options);
  EXPECT_EQ(member(middle, "response"), "\"" + std::string(1000, 'x') + "\"");
  EXPECT_EQ(json_member(member(middle, "exchange"), "truncated"), "true");
}

TEST(Render, SaysWhatIsMissing) {
  ExchangeFacts one = facts();
  one.closed.status = 0;
  one.closed.first_byte.reset();
  one.closed.ending = Ending::upstream_error;
  one.closed.error = "connect: refused";
  one.response_body.clear();
  one.closed.request_truncated = true;
  const std::string middle = middle_of(one);
  EXPECT_EQ(member(middle, "response"), "null");
  const std::string exchange = member(middle, "exchange");
  EXPECT_EQ(json_member(exchange, "status"), "null");
  EXPECT_EQ(json_member(exchange, "ttft_ms"), "null");
  EXPECT_EQ(json_member(exchange, "upstream_id"), "null");
  EXPECT_EQ(json_member(exchange, "model"), "\"m-1\"");
  EXPECT_EQ(json_member(exchange, "error"), "\"connect: refused\"");
  EXPECT_EQ(json_member(exchange, "truncated"), "true");
  EXPECT_EQ(json_member(json_member(exchange, "usage"), "source"), "\"unknown\"");
}

TEST(Render, SurvivesHostileTextInEveryField) {
  const std::string hostile = "a\nb\r\t\x1B\"\\\xFF\xE2\x80\xA8\xED\xA0\x80";
  ExchangeFacts one = facts();
  for (std::string* field :
       {&one.opened.method, &one.opened.path, &one.opened.query, &one.opened.dialect,
        &one.opened.upstream, &one.opened.user_id, &one.opened.client_app, &one.opened.client_ip,
        &one.closed.error, &one.request_body, &one.response_body}) {
    *field = hostile;
  }
  one.opened.request_headers = {{hostile, hostile}};
  one.closed.response_headers = {{"content-type", hostile}, {hostile, hostile}};
  middle_of(one);
  RenderOptions raw;
  raw.raw = true;
  const std::string middle = middle_of(one, raw);
  EXPECT_TRUE(member(middle, "request").starts_with("{\"base64\":"));
  EXPECT_TRUE(member(middle, "response").starts_with("{\"base64\":"));
}

TEST(Render, GivesAWebSocketAsItsMessages) {
  ExchangeFacts one = facts();
  one.closed.status = 101;
  one.closed.streaming = true;
  one.opened.dialect = "openai_responses";
  one.request_body.clear();
  append_message_piece(one.request_body, {1500us, FrameKind::text, false, R"({"model":"m-9",)", 0});
  append_message_piece(one.request_body, {1600us, FrameKind::ping, true, "p", 0});
  append_message_piece(one.request_body, {1700us, FrameKind::text, true, R"("n": 1.0})", 0});
  append_message_piece(one.request_body, {2000us, FrameKind::text, true, "words", 0});
  append_message_piece(one.request_body, {2s, FrameKind::close, true, "\x03\xE9 bye", 0});
  one.response_body.clear();
  append_message_piece(one.response_body,
                       {3s, FrameKind::text, true,
                        R"({"type":"response.completed","response":{"id":"r-1","model":"m-9",)"
                        R"("usage":{"input_tokens":3,"output_tokens":4}}})",
                        0});
  append_message_piece(one.response_body, {4s, FrameKind::binary, true, "\xFF", 7});
  const std::string middle = middle_of(one);
  EXPECT_EQ(member(middle, "request"),
            R"([{"at":"2026-01-13T10:00:00.001600+00:00","type":"ping","message":{"base64":"cA==",)"
            R"("content_type":null,"bytes":1}},)"
            R"({"at":"2026-01-13T10:00:00.001500+00:00","type":"text","message":{"model":"m-9",)"
            R"("n": 1.0}},)"
            R"({"at":"2026-01-13T10:00:00.002000+00:00","type":"text","message":"words"},)"
            R"({"at":"2026-01-13T10:00:02.000000+00:00","type":"close","code":1001,)"
            R"("message":" bye"}])");
  EXPECT_TRUE(member(middle, "response").ends_with(R"("bytes_left_out":7}])"));
  const std::string exchange = member(middle, "exchange");
  EXPECT_EQ(json_member(exchange, "model"), "\"m-9\"");
  EXPECT_EQ(json_member(exchange, "upstream_id"), "\"r-1\"");
  EXPECT_EQ(json_member(json_member(exchange, "usage"), "output_tokens"), "4");
  EXPECT_EQ(json_member(exchange, "truncated"), "true");
}

TEST(Render, KeepsWhatTheUpstreamOfATranslatedExchangeSaw) {
  ExchangeFacts one = facts();
  one.translation = "anthropic_to_openai_chat openai_chat\ntop_k: dropped\nx: approximated\n";
  one.upstream_request_body = R"({"messages":[]})";
  one.upstream_response_body = std::string(kChunk) + "\n\ndata: [DONE]\n\n";
  const std::string translation =
      std::string(json_member(member(middle_of(one), "exchange"), "translation"));
  EXPECT_EQ(json_member(translation, "name"), "\"anthropic_to_openai_chat\"");
  EXPECT_EQ(json_member(translation, "notes"), R"(["top_k: dropped","x: approximated"])");
  EXPECT_EQ(json_member(translation, "request"), R"({"messages":[]})");
  EXPECT_EQ(json_member(json_member(translation, "response"), "object"), "\"chat.completion\"");
  RenderOptions raw;
  raw.raw = true;
  const std::string kept = member(middle_of(one, raw), "exchange");
  EXPECT_TRUE(json_member(json_member(kept, "translation"), "response").starts_with("{\"base64\""));
}

constexpr std::string_view kSecret = "sk-proj-abcdefghijklmnopqrstuvwx";

RenderOptions redacting(const RedactionPolicy& policy) {
  RenderOptions options;
  options.redaction = &policy;
  return options;
}

RedactionPolicy rules(const std::vector<std::string>& names) {
  std::vector<RedactionRule> rules;
  for (const std::string& name : names) rules.push_back(*built_in_rule(name));
  auto policy = RedactionPolicy::make(std::move(rules), "0123456789abcdef");
  EXPECT_TRUE(policy);
  return *std::move(policy);
}

// A stream that says `text` in deltas of three bytes.
std::string said_in_pieces(std::string_view text) {
  std::string stream;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    stream += R"(data: {"id":"c-1","object":"chat.completion.chunk","model":"m","choices":[)"
              R"({"index":0,"delta":{"content":")" +
              std::string(text.substr(at, 3)) + "\"}}]}\n\n";
  }
  return stream + "data: [DONE]\n\n";
}

TEST(Render, TakesSecretsOutOfEveryTextOfTheLineAndListsThem) {
  const RedactionPolicy policy = rules({"api_key", "email"});
  ExchangeFacts one = facts();
  const std::string secret(kSecret);
  one.opened.path = "/v1/x/" + secret;
  one.opened.query = "q=a@b.test";
  one.opened.session_hint = "a@b.test";
  one.opened.user_id = "a@b.test";
  one.opened.request_headers = {{"content-type", "application/json"}, {"x-note", secret}};
  one.closed.response_headers = {{"content-type", "application/json"}, {"x-echo", secret}};
  one.closed.error = "upstream said " + secret;
  one.request_body = R"({"model":"m-)" + secret + R"(","messages":[{"content":"mail a@b.test"}]})";
  one.response_body = R"({"id":"c-1","text":"{\"k\":\")" + secret + R"(\"}"})";
  const RenderedRecord record = render(one, redacting(policy));
  EXPECT_TRUE(exchange_of_middle(record.middle)) << record.middle;
  EXPECT_EQ(record.middle.find(secret), std::string::npos) << record.middle;
  EXPECT_EQ(record.middle.find("a@b"), std::string::npos) << record.middle;
  EXPECT_TRUE(record.naming.session_hint.starts_with("[email-"));
  EXPECT_TRUE(record.naming.user_id.starts_with("[email-"));
  EXPECT_EQ(record.naming.model, "m-[REDACTED]");
  EXPECT_NE(record.middle.find(R"("redactions":{"api_key":6,"email":4})"), std::string::npos)
      << record.middle;
}

TEST(Render, FindsASecretThatAStreamSaysInPieces) {
  const RedactionPolicy policy = rules({"api_key"});
  ExchangeFacts one = facts();
  one.closed.streaming = true;
  one.closed.response_headers = {{"content-type", "text/event-stream"}};
  one.response_body = said_in_pieces("the key is " + std::string(kSecret) + " now");
  const std::string assembled = middle_of(one, redacting(policy));
  EXPECT_NE(assembled.find(R"("content":"the key is [REDACTED] now")"), std::string::npos)
      << assembled;
  EXPECT_NE(assembled.find(R"("redactions":{"header":1,"api_key":1})"), std::string::npos);

  one.opened.dialect = "passthrough";
  one.response_body = "data: unknown " + std::string(kSecret.substr(0, 9)) +
                      "\n\ndata: " + std::string(kSecret.substr(9)) + "\n\n";
  const std::string text = middle_of(one, redacting(policy));
  EXPECT_NE(text.find(R"("data: unknown [REDACTED]\n\ndata: \n\n")"), std::string::npos) << text;
}

TEST(Render, FindsASecretThatMessagesOfAWebSocketSayInPieces) {
  const RedactionPolicy policy = rules({"api_key"});
  ExchangeFacts one = facts();
  one.closed.status = 101;
  one.opened.dialect = "openai_responses";
  one.request_body.clear();
  one.response_body.clear();
  append_message_piece(one.request_body,
                       {1s, FrameKind::text, true,
                        R"({"model":"m","input":"sk-proj-abcdefghijklmnopqrstuvwx"})", 0});
  append_message_piece(one.request_body, {1s, FrameKind::raw, true, "\xC1\x02", 0});
  for (const std::string_view piece : {kSecret.substr(0, 11), kSecret.substr(11)}) {
    const std::string event =
        R"({"type":"response.output_text.delta","delta":")" + std::string(piece) + "\"}";
    append_message_piece(one.response_body, {2s, FrameKind::text, true, event, 0});
  }
  const std::string middle = middle_of(one, redacting(policy));
  EXPECT_EQ(middle.find("sk-proj"), std::string::npos) << middle;
  EXPECT_EQ(middle.find("lmnopq"), std::string::npos) << middle;
  EXPECT_NE(middle.find(R"("api_key":2,"withheld":1)"), std::string::npos) << middle;
}

TEST(Render, KeepsNothingButTheSizeOfWhatItCannotLookInto) {
  const RedactionPolicy policy = rules({"api_key"});
  ExchangeFacts one = facts();
  one.opened.request_headers = {{"content-encoding", "br"}};
  one.request_body = "no brotli " + std::string(kSecret);
  const std::string size = std::to_string(one.request_body.size());
  EXPECT_EQ(member(middle_of(one, redacting(policy)), "request"),
            R"({"base64":null,"content_type":null,"bytes":)" + size + "}");
  RenderOptions raw = redacting(policy);
  raw.raw = true;
  const std::string middle = middle_of(one, raw);
  EXPECT_NE(middle.find(R"("withheld":2)"), std::string::npos) << middle;
  EXPECT_EQ(member(middle, "request"),
            R"({"base64":null,"content_type":null,"bytes":)" + size + "}");
}

TEST(Render, RedactsBothSidesOfATranslation) {
  const RedactionPolicy policy = rules({"api_key"});
  ExchangeFacts one = facts();
  one.translation = "anthropic_to_openai_chat openai_chat\n";
  one.upstream_request_body = R"({"messages":[{"content":")" + std::string(kSecret) + "\"}]}";
  one.upstream_response_body = said_in_pieces(kSecret);
  const std::string middle = middle_of(one, redacting(policy));
  EXPECT_EQ(middle.find("sk-proj"), std::string::npos) << middle;
  EXPECT_NE(middle.find(R"("api_key":2)"), std::string::npos) << middle;
}

}  // namespace
}  // namespace albicilla
