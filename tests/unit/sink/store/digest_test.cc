#include "sink/store/digest.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Digest, AgreesWithThePublishedVectors) {
  EXPECT_EQ(hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");  // RFC 1321, A.5
  EXPECT_EQ(hex(sha256("abc")),                                    // FIPS 180-4
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),  // RFC 4231, case 2
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, IsTheSameWhereverTheBytesAreCut) {
  Digest digest(DigestKind::sha256);
  digest.add("a");
  digest.add("");
  digest.add("bc");
  EXPECT_EQ(digest.finish(), sha256("abc"));
}

TEST(Base64, AgreesWithThePublishedVectors) {  // RFC 4648, 10
  for (const auto& [plain, coded] : {std::pair<std::string, std::string>{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64(plain), coded);
    EXPECT_EQ(from_base64(coded), plain);
  }
}

TEST(Base64, RefusesWhatIsNotPaddedBase64) {
  for (const char* wrong : {"Zg", "Zg=", "Z===", "Z g=", "====", "Zm9v\n", "Zg==Zg=="}) {
    EXPECT_EQ(from_base64(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace albicilla
