#include "common/sse/sse_parser.h"

#include <gtest/gtest.h>

#include "common/sse/sse_reader.h"

namespace albicilla {
namespace {

using Events = std::vector<SseEvent>;

Events parse(std::string_view bytes) {
  SseParser parser;
  Events events = parser.feed(bytes);
  for (SseEvent& event : parser.finish()) events.push_back(std::move(event));
  return events;
}

TEST(SseReader, GivesTheSameEventsAsTheParser) {
  for (const char* stream :
       {"", "\n", "data: a\n\n", "data: a", "data\n\n", "event: x\n\ndata: a\n\n",
        "data:a\r\rdata:b\r", ": c\ndata: a\r\ndata: b\r\n\r\n",
        "\xEF\xBB\xBF"
        "data: a\n\n\r\n: c",
        "event: e\ndata: a"}) {
    Events events;
    SseEvent event;
    for (SseReader reader(stream); reader.next(event);) events.push_back(event);
    EXPECT_EQ(events, parse(stream)) << stream;
  }
}

TEST(SseParser, ReadsNamesDataAndComments) {
  EXPECT_EQ(parse(": hi\nevent: ping\ndata: {}\n\ndata: a\ndata: b\n\n"),
            (Events{{"ping", "{}"}, {"message", "a\nb"}}));
}

TEST(SseParser, TakesCrLfCrAndLfAndAMissingSpace) {
  EXPECT_EQ(parse("data:a\r\n\r\ndata: b\r\rdata:  c\n\n"),
            (Events{{"message", "a"}, {"message", "b"}, {"message", " c"}}));
}

TEST(SseParser, KeepsAnEventThatTheEndCutsShort) {
  EXPECT_EQ(parse("data: a\n\ndata: cut"), (Events{{"message", "a"}, {"message", "cut"}}));
}

TEST(SseParser, DropsAByteOrderMarkAtTheStart) {
  EXPECT_EQ(parse("\xEF\xBB\xBF"
                  "data: a\n\n"),
            (Events{{"message", "a"}}));
}

TEST(SseParser, GivesTheSameEventsWhereverTheBytesAreCut) {
  const std::string stream =
      "\xEF\xBB\xBF"
      "event: delta\r\ndata: {\"t\":\"za\xC5\xBC\xC3\xB3\xC5\x82\"}\r\n\r\n"
      ": c\rdata:x\r\rdata: y\ndata\n\ndata: [DONE]\n\n";
  const Events whole = parse(stream);
  EXPECT_EQ(whole.size(), 4U);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      SseParser parser;
      Events events;
      for (const std::string& piece :
           {stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)}) {
        for (SseEvent& event : parser.feed(piece)) events.push_back(std::move(event));
      }
      for (SseEvent& event : parser.finish()) events.push_back(std::move(event));
      ASSERT_EQ(events, whole) << "cut at " << first << " and " << second;
    }
  }
}

}  // namespace
}  // namespace albicilla
