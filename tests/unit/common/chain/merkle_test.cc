#include "common/chain/merkle.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

// As RFC 6962 section 2.1 writes it, by recursion.
Digest reference(const std::vector<Digest>& leaves, std::size_t from, std::size_t to) {
  if (from == to) return sha256("");
  if (to - from == 1) return leaves[from];
  std::size_t split = 1;
  while (split * 2 < to - from) split *= 2;
  const Digest left = reference(leaves, from, from + split);
  const Digest right = reference(leaves, from + split, to);
  std::string bytes(1, '\1');
  bytes.append(reinterpret_cast<const char*>(left.data()), left.size());
  bytes.append(reinterpret_cast<const char*>(right.data()), right.size());
  return sha256(bytes);
}

TEST(MerkleTree, HasTheShapeOfTheStandardAtEverySize) {
  MerkleTree tree;
  std::vector<Digest> leaves;
  EXPECT_EQ(tree.root(), sha256(""));
  for (std::size_t size = 1; size <= 70; ++size) {
    leaves.push_back(merkle_leaf(std::to_string(size)));
    tree.set(size - 1, leaves.back());
    EXPECT_EQ(tree.root(), reference(leaves, 0, size)) << size;
  }
}

TEST(MerkleTree, FollowsLeavesThatChange) {
  std::mt19937 random(1);
  MerkleTree tree;
  std::vector<Digest> leaves;
  for (int step = 0; step < 300; ++step) {
    const std::size_t index = random() % (leaves.size() + 1);
    const Digest leaf = merkle_leaf(std::to_string(step));
    if (index == leaves.size()) leaves.emplace_back();
    leaves[index] = leaf;
    tree.set(index, leaf);
    EXPECT_TRUE(step % 7 != 0 || tree.root() == reference(leaves, 0, leaves.size()));
  }
}

TEST(MerkleTree, TellsALeafFromANode) {
  const Digest a = merkle_leaf("a");
  const Digest b = merkle_leaf("b");
  std::string both(reinterpret_cast<const char*>(a.data()), a.size());
  both.append(reinterpret_cast<const char*>(b.data()), b.size());
  MerkleTree two;
  two.set(0, a);
  two.set(1, b);
  EXPECT_NE(two.root(), merkle_leaf(both));
}

}  // namespace
}  // namespace albicilla
