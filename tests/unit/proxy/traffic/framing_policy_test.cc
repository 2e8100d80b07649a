#include "proxy/traffic/framing_policy.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

RequestHead get(std::string target, Headers extra = {}) {
  RequestHead head{"GET", std::move(target), 1, {{"Host", "proxy.example"}}};
  head.headers.insert(head.headers.end(), extra.begin(), extra.end());
  return head;
}

TEST(FramingPolicy, LetsOrdinaryRequestsThrough) {
  for (const char* target :
       {"/", "/v1/models", "//x", "/../etc", "/%2e%2e/", "/a?b=c&d=%20", "/a%00", "/admin%2fkeys",
        "/v1/chat/completions?x=[1]{2}|\"'", "/\xC3\xA9"}) {
    EXPECT_EQ(check_request_framing(get(target)), std::nullopt) << target;
  }
  EXPECT_EQ(check_request_framing(get("/", {{"Content-Length", "12"}})), std::nullopt);
  EXPECT_EQ(check_request_framing(get("/", {{"transfer-encoding", "Chunked"}})), std::nullopt);
  RequestHead options = get("*");
  options.method = "OPTIONS";
  EXPECT_EQ(check_request_framing(options), std::nullopt);
}

TEST(FramingPolicy, RefusesWhatTwoServersCouldFrameDifferently) {
  const Headers rows[] = {
      {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}},
      {{"Transfer-Encoding", "chunked"}, {"Content-Length", "0"}},
      {{"Content-Length", "5"}, {"Content-Length", "5"}},
      {{"Content-Length", "5, 5"}},
      {{"Content-Length", "+5"}},
      {{"Content-Length", "-5"}},
      {{"Content-Length", "0x5"}},
      {{"Content-Length", "5 "}},
      {{"Content-Length", ""}},
      {{"Content-Length", "9223372036854775808"}},
      {{"Content-Length", "99999999999999999999999"}},
      {{"Transfer-Encoding", "chunked, chunked"}},
      {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}},
      {{"Transfer-Encoding", "gzip, chunked"}},
      {{"Transfer-Encoding", "identity"}},
      {{"Transfer-Encoding", "xchunked"}},
      {{"Transfer-Encoding", "chunked\x0B"}},
      {{"Transfer-Encoding", ""}},
  };
  for (const Headers& fields : rows) {
    const auto refusal = check_request_framing(get("/", fields));
    ASSERT_TRUE(refusal) << fields[0].value;
    EXPECT_EQ(refusal->status, 400);
  }
}

TEST(FramingPolicy, RefusesChunksFromHttp10) {
  RequestHead head = get("/", {{"Transfer-Encoding", "chunked"}});
  head.minor_version = 0;
  EXPECT_TRUE(check_request_framing(head));
}

TEST(FramingPolicy, WantsExactlyOneHostAndOnlyAHost) {
  RequestHead none{"GET", "/", 1, {}};
  EXPECT_EQ(check_request_framing(none)->status, 400);
  none.minor_version = 0;
  EXPECT_EQ(check_request_framing(none), std::nullopt);
  EXPECT_TRUE(check_request_framing(get("/", {{"host", "proxy.example"}})));
  for (const char* value : {"", "a/b", "user@host", "a b", "a\\b", "a?b", "a#b"}) {
    EXPECT_TRUE(check_request_framing({"GET", "/", 1, {{"Host", value}}})) << value;
  }
  for (const char* value : {"localhost:9000", "[::1]:80", "xn--bcher-kva.example"}) {
    EXPECT_FALSE(check_request_framing({"GET", "/", 1, {{"Host", value}}})) << value;
  }
}

TEST(FramingPolicy, NeverTakesTheUpstreamFromTheRequest) {
  for (const char* target :
       {"http://evil.example/", "evil.example:443", "@evil.example/", "evil", "*", "?x", ""}) {
    EXPECT_EQ(check_request_framing(get(target))->status, 400) << target;
  }
  for (const char* method : {"CONNECT", "TRACE"}) {
    RequestHead head = get("/");
    head.method = method;
    EXPECT_EQ(check_request_framing(head)->status, 405) << method;
  }
}

TEST(FramingPolicy, RefusesTargetsThatAreNoOriginForm) {
  for (const char* target : {"/a b", "/a#b", "/%", "/%2", "/%zz", "/\x7F", "/a\tb"}) {
    EXPECT_EQ(check_request_framing(get(target))->status, 400) << target;
  }
}

TEST(FramingPolicy, AsksTheSameOfUpstreams) {
  EXPECT_FALSE(check_response_framing({200, "OK", 1, {{"Content-Length", "3"}}}));
  EXPECT_FALSE(check_response_framing({200, "OK", 0, {}}));
  EXPECT_TRUE(check_response_framing(
      {200, "OK", 1, {{"Content-Length", "3"}, {"Transfer-Encoding", "chunked"}}}));
  EXPECT_TRUE(check_response_framing({200, "OK", 1, {{"Transfer-Encoding", "gzip, chunked"}}}));
  EXPECT_TRUE(check_response_framing({99, "?", 1, {}}));
}

}  // namespace
}  // namespace albicilla
