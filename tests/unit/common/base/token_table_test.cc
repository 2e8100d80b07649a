#include "common/base/token_table.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <numeric>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

class TokenTableTest : public testing::Test {
 protected:
  TokenTableTest()
      : memory_(::mmap(nullptr, TokenTable::bytes(), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    TokenTable::create(memory_);
  }
  ~TokenTableTest() override { ::munmap(memory_, TokenTable::bytes()); }

  TokenTable table() const { return TokenTable(memory_); }

 private:
  void* memory_;
};

std::uint64_t all_input(const std::vector<TokenCount>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const TokenCount& c) { return sum + c.input; });
}

TEST_F(TokenTableTest, CountsUnderEveryNameThatAUseHas) {
  table().add({"gpt-4o", "alice", "s-1", 10, 4, 5});
  table().add({"gpt-4o", "", "s-2", 1, 0, 1});
  const TokenSums sums = table().sums();
  EXPECT_EQ(sums.models, (std::vector<TokenCount>{{"gpt-4o", 11, 4, 6}}));
  EXPECT_EQ(sums.users, (std::vector<TokenCount>{{"alice", 10, 4, 5}}));
  EXPECT_EQ(sums.sessions.size(), 2U);
}

TEST_F(TokenTableTest, KeepsABoundedNumberOfNamesAndTheSumOverAll) {
  std::size_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string session = "s-" + std::to_string(i);
    table().add({"m", "", session, 1, 0, 1});
    table().add({"m", "", "busy", 1, 0, 1});
    const TokenSums sums = table().sums();
    most = std::max(most, sums.sessions.size());
    ASSERT_EQ(all_input(sums.sessions), static_cast<std::uint64_t>(2 * i + 2));
  }
  EXPECT_LT(most, 200U);
  const TokenSums sums = table().sums();
  EXPECT_EQ(sums.sessions.front().name, "other");
  const auto busy = std::find_if(sums.sessions.begin(), sums.sessions.end(),
                                 [](const TokenCount& count) { return count.name == "busy"; });
  ASSERT_NE(busy, sums.sessions.end()) << "who is active keeps the place";
  EXPECT_EQ(busy->input, 1000U);
}

TEST_F(TokenTableTest, MakesForeignNamesFitForALabel) {
  table().add({"a\n\"\xff", std::string(1000, 'u'), "other", 1, 0, 1});
  const TokenSums sums = table().sums();
  EXPECT_EQ(sums.models[0].name, "a?\"?");
  EXPECT_EQ(sums.users[0].name.size(), 63U);
  EXPECT_EQ(sums.sessions.size(), 1U) << "a session that calls itself other is among the others";
}

TEST_F(TokenTableTest, IsSharedByProcessesAndSurvivesTheirDeath) {
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      while (true) table().add({"m", "u", "s", 1, 0, 1});
    }
    table().add({"m", "u", "s", 1, 0, 1});
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  }
  table().add({"m", "u", "s", 1, 0, 1});
  EXPECT_GE(table().sums().models[0].input, 5U);
}

}  // namespace
}  // namespace albicilla
