#include "proxy/traffic/http_parser.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

// Feeds all of `text` in pieces of `step` bytes, as a connection's buffer would.
template <class Parser>
std::string feed_all(Parser& parser, std::string_view text, std::size_t step) {
  std::string body;
  std::string held;
  for (std::size_t at = 0; at < text.size() && !parser.done(); at += step) {
    held.append(text.substr(at, step));
    std::size_t taken = 1;
    while (taken > 0 && !held.empty() && !parser.done() && parser.fault() == HeadFault::none) {
      taken = parser.feed(held);
      for (const BodySlice& slice : parser.slices()) body.append(slice.bytes);
      held.erase(0, taken);
    }
    if (parser.fault() != HeadFault::none) break;
  }
  return body;
}

TEST(HttpParser, KeepsFieldsInOrderSpellingAndDuplicates) {
  RequestParser parser{HeadLimits()};
  feed_all(
      parser,
      "POST /a?b HTTP/1.1\r\nHost: x\r\nX-A:1\r\nb: 2\r\nx-a:  3 \r\nContent-Length: 0\r\n\r\n",
      1000);
  ASSERT_TRUE(parser.done());
  EXPECT_EQ(parser.head().method, "POST");
  EXPECT_EQ(parser.head().target, "/a?b");
  EXPECT_EQ(
      parser.head().headers,
      (Headers{{"Host", "x"}, {"X-A", "1"}, {"b", "2"}, {"x-a", "3"}, {"Content-Length", "0"}}));
}

TEST(HttpParser, GivesTheSameMessageWhereverTheBytesAreCut) {
  const std::string text =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n1;name=value\r\n,\r\n6\r\n world\r\n0\r\nX-Sum: 12\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    RequestParser parser{HeadLimits()};
    EXPECT_EQ(feed_all(parser, text, step), "hello, world") << step;
    EXPECT_TRUE(parser.done()) << step;
    EXPECT_EQ(parser.trailers(), (Headers{{"X-Sum", "12"}})) << step;
  }
}

TEST(HttpParser, KeepsChunkBorders) {
  ResponseParser parser{HeadLimits()};
  parser.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nwo");
  ASSERT_EQ(parser.slices().size(), 2U);
  EXPECT_EQ(parser.slices()[0].begins_chunk, 5U);
  EXPECT_TRUE(parser.slices()[0].ends_chunk);
  EXPECT_EQ(parser.slices()[1].bytes, "wo");
  EXPECT_EQ(parser.slices()[1].begins_chunk, 3U);
  EXPECT_FALSE(parser.slices()[1].ends_chunk);
  parser.feed("r\r\n0\r\n\r\n");
  ASSERT_EQ(parser.slices().size(), 1U);
  EXPECT_EQ(parser.slices()[0].begins_chunk, 0U);
  EXPECT_TRUE(parser.slices()[0].ends_chunk);
  EXPECT_TRUE(parser.done());
}

TEST(HttpParser, ObjectsToWhatIsNotHttp) {
  const std::pair<std::string, HeadFault> rows[] = {
      {"\x16\x03\x01\x02", HeadFault::syntax},
      {"PRI * HTTP/2.0\r\n\r\n", HeadFault::version},
      {"GET / HTTP/1.2\r\n\r\n", HeadFault::version},
      {"GET /\r\n\r\n", HeadFault::syntax},
      {"GET / HTTP/1.1\nHost: x\n\n", HeadFault::syntax},
      {"GET / HTTP/1.1\r\nHost: x\n\r\n", HeadFault::syntax},
      {"GET / HTTP/1.1\r\nHost: x\r\n\n", HeadFault::syntax},
      {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", HeadFault::syntax},
      {"GET / HTTP/1.1\r\n: x\r\n\r\n", HeadFault::syntax},
      {"GET / HTTP/1.1\r\nno colon\r\n\r\n", HeadFault::syntax},
      {std::string("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 27), HeadFault::syntax},
      {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", HeadFault::syntax},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", HeadFault::syntax},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n", HeadFault::syntax},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n", HeadFault::syntax},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1_\r\na\r\n", HeadFault::syntax},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\na\n", HeadFault::syntax},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", HeadFault::syntax},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
       HeadFault::syntax},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(9000, 'x'),
       HeadFault::syntax},
      {"GET / HTTP/1.1\r\nA: " + std::string(70'000, 'x') + "\r\n\r\n", HeadFault::head_too_large},
      {"GET /" + std::string(40'000, 'x') + " HTTP/1.1\r\n\r\n", HeadFault::target_too_long},
      {"GET /" + std::string(70'000, 'x'), HeadFault::target_too_long},
  };
  for (const auto& [text, fault] : rows) {
    for (const std::size_t step : {text.size(), std::size_t{7}}) {
      RequestParser parser{HeadLimits()};
      feed_all(parser, text, step);
      EXPECT_EQ(parser.fault(), fault) << text.substr(0, 60) << " in steps of " << step;
    }
  }
}

TEST(HttpParser, CountsFieldsThatComeOneByOne) {
  RequestParser parser{HeadLimits()};
  std::string text = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 201; ++i) text += "a: b\r\n";
  feed_all(parser, text + "\r\n", 10);
  EXPECT_EQ(parser.fault(), HeadFault::head_too_large);

  RequestParser slow{HeadLimits()};
  text = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 150; ++i) text += "a: " + std::string(1000, 'b') + "\r\n";
  feed_all(slow, text, 500);
  EXPECT_EQ(slow.fault(), HeadFault::head_too_large);
}

TEST(HttpParser, TellsThatALineWasFolded) {
  RequestParser parser{HeadLimits()};
  parser.feed("GET / HTTP/1.1\r\nA: b\r\n  c\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(parser.done());
  EXPECT_TRUE(parser.folded());
  EXPECT_EQ(*find_header(parser.head().headers, "a"), "b c");
}

TEST(HttpParser, StopsAtTheEndOfTheMessageAndLeavesTheNextOne) {
  RequestParser parser{HeadLimits()};
  const std::string text = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nabGET /hidden";
  EXPECT_EQ(parser.feed(text), text.size() - 11);
  EXPECT_TRUE(parser.done());
}

TEST(HttpParser, LetsTheConnectionsEndEndAnAnswer) {
  ResponseParser parser{HeadLimits()};
  parser.feed("HTTP/1.0 200 OK\r\n\r\nabc");
  EXPECT_TRUE(parser.ends_with_connection());
  EXPECT_FALSE(parser.done());
  parser.feed_end();
  EXPECT_TRUE(parser.done());

  ResponseParser sized{HeadLimits()};
  sized.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  sized.feed_end();
  EXPECT_FALSE(sized.done());
  EXPECT_EQ(sized.fault(), HeadFault::syntax);
}

TEST(HttpParser, ExpectsNoBodyBehindHeadAndEmptyStatuses) {
  ResponseParser head{HeadLimits()};
  head.expect_no_body();
  head.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(head.done());
  ResponseParser empty{HeadLimits()};
  empty.feed("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(empty.done());
}

}  // namespace
}  // namespace albicilla
