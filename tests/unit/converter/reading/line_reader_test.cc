#include "converter/reading/line_reader.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "common/chain/hash_chain.h"

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

TEST(LineReader, HashesWhatTheChainCoversWhereverTheBytesAreCut) {
  std::string text;
  ChainHead head = chain_start("f");
  for (int i = 0; i < 50; ++i) {
    std::string line =
        R"({"i":)" + std::to_string(i) + std::string(static_cast<std::size_t>(i), ' ');
    if (i % 7 != 3) append_chain(line, head = chain_next(head, sha256(line)));
    text += line + "\n";
  }
  text += "{torn";
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{100}, std::size_t{999}, text.size()}) {
    LineReader reader(std::make_unique<PieceSource>(text, piece), Digests::of_chains);
    ChainHead before;
    while (const auto line = *reader.next()) {
      const auto split = split_chained_line(line->text);
      ASSERT_EQ(line->digests != nullptr, split.has_value() && line->whole) << line->text;
      if (line->digests == nullptr) continue;
      EXPECT_EQ(line->digests->split.chained, split->chained);
      EXPECT_EQ(line->digests->link.chained, sha256(split->chained));
      EXPECT_EQ(line->digests->link.before, before.h);
      EXPECT_EQ(line->digests->linked, chain_next(before, sha256(split->chained)).h);
      before = split->head;
    }
  }
}

}  // namespace
}  // namespace albicilla
