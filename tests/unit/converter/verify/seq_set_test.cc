#include "converter/verify/seq_set.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(SeqSet, KnowsWhatItHas) {
  SeqSet set;
  EXPECT_TRUE(set.add(Seq{1}));
  EXPECT_FALSE(set.add(Seq{1}));
  EXPECT_TRUE(set.add(Seq{100'000}));
  EXPECT_EQ(set.count(), 2U);
  EXPECT_EQ(set.highest(), Seq{100'000});
}

TEST(SeqSet, FindsEveryHoleWhateverTheOrder) {
  std::vector<std::uint64_t> seqs;
  for (std::uint64_t seq = 1; seq <= 20'000; ++seq) {
    if (seq != 5 && (seq < 9'000 || seq > 9'999)) seqs.push_back(seq);
  }
  std::mt19937 random(1);
  std::shuffle(seqs.begin(), seqs.end(), random);
  SeqSet set;
  for (const std::uint64_t seq : seqs) EXPECT_TRUE(set.add(Seq{seq}));
  for (const std::uint64_t seq : seqs) EXPECT_FALSE(set.add(Seq{seq}));
  EXPECT_EQ(set.holes(Seq{20'001}, 10),
            (std::vector<SeqRange>{
                {Seq{5}, Seq{5}}, {Seq{9'000}, Seq{9'999}}, {Seq{20'001}, Seq{20'001}}}));
  EXPECT_EQ(set.holes(Seq{20'001}, 1).size(), 1U);
}

TEST(SeqSet, HasNoHolesWhenItIsFull) {
  SeqSet set;
  for (std::uint64_t seq = 0; seq < 3 * 4096; ++seq) set.add(Seq{seq});
  EXPECT_TRUE(set.holes(Seq{3 * 4096 - 1}, 10).empty());
}

}  // namespace
}  // namespace albicilla
