#include "common/dialect/terminal_scanner.h"

#include <gtest/gtest.h>

#include "common/dialect/registry.h"

namespace albicilla {
namespace {

const Dialect& chat() { return dialect_named("openai_chat"); }

// The number of bytes after which the scanner has seen the end, 0 when it never does.
std::size_t seen_after(std::string_view stream, std::size_t step) {
  TerminalScanner scanner(chat());
  for (std::size_t at = 0; at < stream.size(); at += step) {
    if (scanner.feed(stream.substr(at, step))) return std::min(at + step, stream.size());
  }
  return 0;
}

TEST(TerminalScanner, SeesTheEndWithTheBytesThatCompleteTheEvent) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string stream =
        "data: {\"a\":\"[DONE]\"}" + end + end + ": c" + end + "data: [DONE]" + end + end;
    // The first half of a CRLF ends the line already.
    const std::size_t last = end == "\r\n" ? stream.size() - 1 : stream.size();
    EXPECT_EQ(seen_after(stream + "data: more\n\n", 1), last);
    EXPECT_EQ(seen_after(stream, stream.size()), stream.size());
  }
}

TEST(TerminalScanner, SeesItWhereverTheBytesAreCut) {
  const std::string stream =
      "\xEF\xBB\xBF"
      "event: message_start\r\ndata: {}\r\n\r\nevent: message_stop\ndata:{\"type\":"
      "\"message_stop\"}\n\n";
  for (std::size_t step = 1; step < stream.size(); ++step) {
    EXPECT_EQ(seen_after(stream, step), stream.size()) << step;
  }
}

TEST(TerminalScanner, IsNotFooledByLongLinesOrUnfinishedEvents) {
  const std::string filler(5000, 'x');
  EXPECT_EQ(seen_after("data: " + filler + "[DONE]\n\n", 100), 0U);
  EXPECT_EQ(seen_after("data: [DONE]\n", 100), 0U);
  EXPECT_EQ(seen_after("data: [DONE]\ndata: x\n\n", 100), 0U);
  EXPECT_EQ(seen_after("[DONE]\n\n", 100), 0U);
  const std::string completed =
      "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"a\":\"" +
      filler + "\"}}\n\n";
  EXPECT_EQ(seen_after(completed, 7), completed.size());
  const std::string unnamed = completed.substr(completed.find('\n') + 1);
  EXPECT_EQ(seen_after(unnamed, 1), unnamed.size());
}

TEST(TerminalScanner, StaysAtTheEndOnceSeen) {
  TerminalScanner scanner(chat());
  EXPECT_FALSE(scanner.seen());
  EXPECT_TRUE(scanner.feed("data: [DONE]\n\ndata: x\n\n"));
  EXPECT_TRUE(scanner.feed("data: y\n\n"));
  EXPECT_TRUE(scanner.seen());
}

}  // namespace
}  // namespace albicilla
