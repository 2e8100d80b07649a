// Ed25519 signatures over checkpoints: who holds the public key can check offline what the sink
// said of its log. OpenSSL stays behind signing.cc. Thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const PublicKey&) const = default;
};

struct Signature {
  std::array<std::uint8_t, 64> bytes{};
  bool operator==(const Signature&) const = default;
};

std::string hex_text(const PublicKey& key);
std::string hex_text(const Signature& signature);
std::optional<PublicKey> public_key_from_hex(std::string_view text);
std::optional<Signature> signature_from_hex(std::string_view text);

// The private half: 32 secret bytes.
class SigningKey {
 public:
  static SigningKey generate();
  static Result<SigningKey> from_secret(std::string_view secret);

  const std::string& secret() const { return secret_; }
  const PublicKey& public_key() const { return public_key_; }
  Signature sign(std::string_view text) const;

 private:
  SigningKey(std::string secret, const PublicKey& public_key)
      : secret_(std::move(secret)), public_key_(public_key) {}

  std::string secret_;
  PublicKey public_key_;
};

bool verify(const PublicKey& key, std::string_view text, const Signature& signature);

}  // namespace albicilla
