#include "common/base/digest.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Digest, GivesThePublishedTestVectors) {
  EXPECT_EQ(hex_prefix(sha256("abc"), 64),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, case 2
  EXPECT_EQ(hex_prefix(hmac_sha256("Jefe", "what do ya want for nothing?"), 64),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_prefix(sha256("abc"), 7), "ba7816b");
}

}  // namespace
}  // namespace albicilla
