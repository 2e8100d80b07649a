#include "converter/reading/line_index.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

// Sessions of the given lines, each as the numbers of its lines.
std::vector<std::vector<std::uint64_t>> sessions_of(const std::vector<std::string>& lines,
                                                    std::size_t most_in_memory) {
  LineIndex index(std::filesystem::temp_directory_path(), most_in_memory);
  for (std::uint64_t number = 0; number < lines.size(); ++number) {
    EXPECT_TRUE(index.add(lines[number], {number * 10, 9, number, 0, 0}));
  }
  EXPECT_TRUE(index.finish());
  std::vector<std::vector<std::uint64_t>> sessions;
  std::vector<LineRef> session;
  for (auto more = index.next(session); more && *more; more = index.next(session)) {
    sessions.emplace_back();
    for (const LineRef& line : session) {
      EXPECT_EQ(line.offset, line.number * 10);
      sessions.back().push_back(line.number);
    }
  }
  return sessions;
}

TEST(LineIndex, GivesSessionsInTheOrderOfTheirFirstLines) {
  const std::vector<std::vector<std::uint64_t>> expected = {{0, 2, 5}, {1, 4}, {3}};
  EXPECT_EQ(sessions_of({"b", "a", "b", "c", "a", "b"}, 100), expected);
}

TEST(LineIndex, GivesTheSameFromTemporaryFiles) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 1000; ++i) lines.push_back(std::to_string(i * i % 97));
  const auto expected = sessions_of(lines, 100000);
  EXPECT_EQ(expected.size(), 49U);
  for (const std::size_t most : {2, 3, 10, 64, 999, 1000, 1001}) {
    EXPECT_EQ(sessions_of(lines, most), expected) << most;
  }
}

TEST(LineIndex, GivesNothingWithoutLines) { EXPECT_TRUE(sessions_of({}, 10).empty()); }

}  // namespace
}  // namespace albicilla
