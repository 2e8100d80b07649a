#include "converter/reading/line_reader.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

// Gives its text in pieces of a fixed size.
class PieceSource final : public ByteSource {
 public:
  PieceSource(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min({piece_, into.size(), text_.size() - at_});
    std::copy_n(text_.data() + at_, count, into.data());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

std::vector<std::string> lines_of(const std::string& text, std::size_t piece) {
  LineReader reader;
  reader.open(std::make_unique<PieceSource>(text, piece));
  std::vector<std::string> lines;
  for (;;) {
    const auto line = reader.next();
    if (!line || !*line) return lines;
    lines.push_back(std::to_string((*line)->number) + "@" + std::to_string((*line)->offset) + ":" +
                    std::string((*line)->text) + ((*line)->whole ? "" : " torn"));
  }
}

TEST(LineReader, GivesTheSameLinesWhereverTheBytesAreCut) {
  const std::string text = "one\n\nthree\r\nlast";
  const std::vector<std::string> expected = {"1@0:one", "2@4:", "3@5:three\r", "4@12:last torn"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_EQ(lines_of(text, piece), expected) << piece;
  }
  EXPECT_TRUE(lines_of("", 1).empty());
  EXPECT_EQ(lines_of("\n", 1), std::vector<std::string>{"1@0:"});
}

TEST(LineReader, TakesLinesLongerThanItsBuffer) {
  const std::string longest(std::size_t{9} << 20, 'x');
  LineReader reader;
  reader.open(std::make_unique<PieceSource>("a\n" + longest + "\nb\n", 1U << 20));
  ASSERT_EQ((*reader.next())->text, "a");
  ASSERT_EQ((*reader.next())->text.size(), longest.size());
  EXPECT_EQ((*reader.next())->text, "b");
  EXPECT_FALSE(reader.next().value());
}

}  // namespace
}  // namespace albicilla
