#include "common/base/digest.h"

#include <algorithm>
#include <cstdlib>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace albicilla {

Digest sha256(std::string_view bytes) {
  Digest digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    std::abort();  // a library without SHA-256 cannot keep a single promise of ours
  }
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Digest digest{};
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(),
           nullptr) == nullptr) {
    std::abort();
  }
  return digest;
}

std::string hex_prefix(const Digest& digest, std::size_t digits) {
  constexpr char kHexDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(digits, 64); ++i) {
    const unsigned byte = digest[i / 2];
    text.push_back(kHexDigits[i % 2 == 0 ? byte >> 4 : byte & 15U]);
  }
  return text;
}

}  // namespace albicilla
