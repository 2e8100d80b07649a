#include "common/chain/signing.h"

#include <cstdlib>
#include <memory>
#include <span>

#include <openssl/evp.h>

namespace albicilla {

namespace {

constexpr std::size_t kSecretBytes = 32;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key private_key(std::string_view secret) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(secret), secret.size()));
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr char kHexDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 15]);
  }
  return text;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  if (text.size() != bytes.size() * 2) return false;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

}  // namespace

std::string hex_text(const PublicKey& key) { return hex(key.bytes); }
std::string hex_text(const Signature& signature) { return hex(signature.bytes); }

std::optional<PublicKey> public_key_from_hex(std::string_view text) {
  PublicKey key;
  if (!from_hex(text, key.bytes)) return std::nullopt;
  return key;
}

std::optional<Signature> signature_from_hex(std::string_view text) {
  Signature signature;
  if (!from_hex(text, signature.bytes)) return std::nullopt;
  return signature;
}

SigningKey SigningKey::generate() {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  std::string secret(kSecretBytes, '\0');
  std::size_t length = secret.size();
  if (!key || EVP_PKEY_get_raw_private_key(
                  key.get(), reinterpret_cast<unsigned char*>(secret.data()), &length) != 1) {
    std::abort();  // a library without Ed25519 or randomness cannot keep a promise of ours
  }
  return std::move(from_secret(secret)).value();
}

Result<SigningKey> SigningKey::from_secret(std::string_view secret) {
  const Key key = secret.size() == kSecretBytes ? private_key(secret) : nullptr;
  PublicKey public_key;
  std::size_t length = public_key.bytes.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), public_key.bytes.data(), &length) != 1) {
    return our_error("a signing key must have 32 bytes, got " + std::to_string(secret.size()));
  }
  return SigningKey(std::string(secret), public_key);
}

Signature SigningKey::sign(std::string_view text) const {
  const Key key = private_key(secret_);
  const Context context(EVP_MD_CTX_new());
  Signature signature;
  std::size_t length = signature.bytes.size();
  if (!key || !context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.bytes.data(), &length, raw(text), text.size()) != 1) {
    std::abort();
  }
  return signature;
}

bool verify(const PublicKey& key, std::string_view text, const Signature& signature) {
  const Key public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
  const Context context(EVP_MD_CTX_new());
  return public_key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.bytes.data(), signature.bytes.size(), raw(text),
                          text.size()) == 1;
}

}  // namespace albicilla
