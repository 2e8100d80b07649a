#include "converter/viewer/tail_reader.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla::viewer {
namespace {

class TailReaderTest : public testing::Test {
 protected:
  void write(std::string_view text) { std::ofstream(path_, std::ios::app) << text; }

  std::vector<std::string> read_lines(TailReader& reader) {
    std::vector<std::string> lines;
    for (;;) {
      auto line = reader.next();
      EXPECT_TRUE(line);
      if (!line || !*line) return lines;
      lines.emplace_back((*line)->text);
    }
  }

  tests::ScratchDirectory root_;
  std::string path_ = root_.path() + "/s.jsonl";
};

TEST_F(TailReaderTest, GivesWholeLinesOnlyAndGoesOnWhereItStood) {
  write("one\ntwo\nthr");
  TailReader reader;
  ASSERT_TRUE(reader.open(path_, 0));
  EXPECT_EQ(read_lines(reader), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(reader.offset(), 8U);
  write("ee\nfour\n");
  TailReader again;
  ASSERT_TRUE(again.open(path_, 8));
  std::vector<TailLine> lines;
  ASSERT_TRUE(again.next_lines(lines));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, "three");
  EXPECT_EQ(lines[0].offset, 8U);
  EXPECT_EQ(lines[0].end, 14U);
  EXPECT_EQ(lines[1].end, 19U);
}

TEST_F(TailReaderTest, ReadsLinesLongerThanItsBuffer) {
  const std::string large(3 << 20, 'x');
  write("a\n" + large + "\nb\n");
  TailReader reader;
  ASSERT_TRUE(reader.open(path_, 0));
  EXPECT_EQ(read_lines(reader), (std::vector<std::string>{"a", large, "b"}));
}

TEST_F(TailReaderTest, SaysWhichFileIsMissing) {
  TailReader reader;
  const Status status = reader.open(root_.path() + "/none.jsonl", 0);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("none.jsonl"), std::string::npos);
}

TEST_F(TailReaderTest, FollowsNoSymbolicLink) {
  std::filesystem::create_symlink("/etc/passwd", path_);
  TailReader reader;
  EXPECT_FALSE(reader.open(path_, 0));
  EXPECT_FALSE(read_log_bytes(path_, 0, 10));
}

TEST_F(TailReaderTest, GivesExactlyTheBytesThatWereAskedFor) {
  write("0123456789\n");
  const auto bytes = read_log_bytes(path_, 3, 4);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, "3456");
  EXPECT_FALSE(read_log_bytes(path_, 8, 40));
}

}  // namespace
}  // namespace albicilla::viewer
