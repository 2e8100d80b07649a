#include "common/chain/hash_chain.h"

#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string closed_line(std::string chained, ChainHead& head) {
  head = chain_next(head, sha256(chained));
  append_chain(chained, head);
  return chained;
}

TEST(HashChain, FollowsTheWrittenRule) {
  // sha256sum over the bytes named in the header, done by hand outside of this program.
  ChainHead head = chain_start("2026-01-13/s.jsonl");
  EXPECT_EQ(hex_prefix(head.h, 64),
            "3fb9d29b14ed5d7618019229c1fab140e1f04b939ff1403b92cf33f3abc9a761");
  head = chain_next(head, sha256(R"({"a":1)"));
  EXPECT_EQ(head.n, 1U);
  EXPECT_EQ(hex_prefix(head.h, 64),
            "5368b0bf142b5fd02158d665e925110a70ae09683ed059a080af82b806b9e774");
}

TEST(HashChain, ReadsBackWhatItWrote) {
  ChainHead head = chain_start("2026-01-13/s.jsonl");
  for (int i = 0; i < 12; ++i) {
    const std::string chained = R"({"timestamp":"t","request":)" + std::to_string(i);
    const std::string line = closed_line(chained, head);
    const auto split = split_chained_line(line);
    ASSERT_TRUE(split);
    EXPECT_EQ(split->chained, chained);
    EXPECT_EQ(split->head, head);
  }
}

TEST(HashChain, SplitsAtTheLastMark) {
  ChainHead head = chain_start("f");
  const std::string chained = R"({"request":{"x":1,"chain":{"n":9,"h":"00"}},"y":",\"chain\"")";
  const std::string line = closed_line(chained, head);
  const auto split = split_chained_line(line);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->chained, chained);
}

TEST(HashChain, NeverAddsMoreThanItsBound) {
  std::string line;
  append_chain(line, {UINT64_MAX, sha256("x")});
  EXPECT_EQ(line.size(), kMostChainBytes);
}

TEST(HashChain, RefusesWhatItWouldNotWrite) {
  ChainHead head = chain_start("f");
  const std::string good = closed_line(R"({"a":1)", head);
  ASSERT_TRUE(split_chained_line(good));
  std::vector<std::string> bad = {"", "{}", ",\"chain\"", good + " ", good.substr(1)};
  for (std::size_t cut = 0; cut < good.size(); ++cut) bad.push_back(good.substr(0, cut));
  std::string upper = good;
  upper[upper.size() - 5] = 'A';
  bad.push_back(upper);
  const auto with_number = [&](const std::string& number) {
    std::string line = good;
    return line.replace(line.find("\"n\":") + 4, 1, number);
  };
  for (const char* number : {"0", "01", "-1", "", "1.0", "18446744073709551616"}) {
    bad.push_back(with_number(number));
  }
  for (const std::string& line : bad) EXPECT_FALSE(split_chained_line(line)) << line;
}

TEST(HashChain, ChangesWithEveryBitOfALine) {
  const ChainHead start = chain_start("f");
  const std::string chained = R"({"a":"0123456789")";
  const ChainHead head = chain_next(start, sha256(chained));
  for (std::size_t bit = 0; bit < chained.size() * 8; ++bit) {
    std::string changed = chained;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(chain_next(start, sha256(changed)).h, head.h);
  }
}

TEST(HashChain, TellsFilesAndOrdersApart) {
  EXPECT_NE(chain_start("a").h, chain_start("b").h);
  const Digest one = sha256("1");
  const Digest two = sha256("2");
  const ChainHead start = chain_start("f");
  EXPECT_NE(chain_next(chain_next(start, one), two).h, chain_next(chain_next(start, two), one).h);
}

}  // namespace
}  // namespace albicilla
