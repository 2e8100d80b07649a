#include "common/chain/signing.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// RFC 8032, section 7.1, test 2.
TEST(Signing, SignsAsTheStandardSays) {
  const auto key = SigningKey::from_secret(
      from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  ASSERT_TRUE(key);
  EXPECT_EQ(hex_text(key->public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Signature signature = key->sign(std::string("\x72", 1));
  EXPECT_EQ(hex_text(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(verify(key->public_key(), std::string("\x72", 1), signature));
}

TEST(Signing, RefusesAnotherTextAnotherKeyAndAnotherSignature) {
  const SigningKey key = SigningKey::generate();
  const SigningKey other = SigningKey::generate();
  EXPECT_NE(key.secret(), other.secret());
  const Signature signature = key.sign("text");
  EXPECT_TRUE(verify(key.public_key(), "text", signature));
  EXPECT_FALSE(verify(key.public_key(), "texT", signature));
  EXPECT_FALSE(verify(other.public_key(), "text", signature));
  Signature changed = signature;
  changed.bytes[5] ^= 1;
  EXPECT_FALSE(verify(key.public_key(), "text", changed));
}

TEST(Signing, ReadsItsSecretAndItsTextsBack) {
  const SigningKey key = SigningKey::generate();
  EXPECT_EQ(SigningKey::from_secret(key.secret())->public_key(), key.public_key());
  EXPECT_EQ(public_key_from_hex(hex_text(key.public_key())), key.public_key());
  EXPECT_EQ(signature_from_hex(hex_text(key.sign("x"))), key.sign("x"));
  EXPECT_FALSE(SigningKey::from_secret("short"));
  EXPECT_FALSE(public_key_from_hex("00"));
  EXPECT_FALSE(public_key_from_hex(std::string(64, 'g')));
}

}  // namespace
}  // namespace albicilla
