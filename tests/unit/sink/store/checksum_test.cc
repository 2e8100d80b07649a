#include "sink/store/checksum.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Checksum, AgreesWithThePublishedVectors) {
  EXPECT_EQ(hex_of(raw_md5("abc")), "900150983cd24fb0d6963f7d28e17f72");  // RFC 1321, A.5
  EXPECT_EQ(hex_of(raw_sha256("abc")),                                    // FIPS 180-4
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(raw_hmac_sha256("Jefe", "what do ya want for nothing?")),  // RFC 4231, case 2
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Checksum, IsTheSameWhereverTheBytesAreCut) {
  Checksum digest(ChecksumKind::sha256);
  digest.add("a");
  digest.add("");
  digest.add("bc");
  EXPECT_EQ(digest.finish(), raw_sha256("abc"));
}

}  // namespace
}  // namespace albicilla
