#include "converter/viewer/keyed_hash.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace albicilla::viewer {
namespace {

// The key 00 01 … 0f of the reference vectors.
constexpr HashKey kReferenceKey{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};

TEST(KeyedHash, IsSipHash13) { EXPECT_EQ(keyed_hash(kReferenceKey, ""), 0xabac0158050fc4dcULL); }

TEST(KeyedHash, DependsOnEveryByteTheLengthAndTheKey) {
  std::set<std::uint64_t> seen;
  std::string text;
  for (int i = 0; i < 64; ++i) {
    seen.insert(keyed_hash(kReferenceKey, text));
    text += '\0';
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = 1;
    seen.insert(keyed_hash(kReferenceKey, other));
  }
  seen.insert(keyed_hash({1, 2}, text));
  EXPECT_EQ(seen.size(), 129U);
}

}  // namespace
}  // namespace albicilla::viewer
