// SHA-256 and HMAC-SHA-256, from OpenSSL. For names derived from foreign values: file names of
// sessions, session ids of tokens, pseudonyms. Pure, thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace albicilla {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
// Whoever lacks the key cannot test guesses against the result.
Digest hmac_sha256(std::string_view key, std::string_view bytes);

// The first `digits` (at most 64) lower-case hex digits.
std::string hex_prefix(const Digest& digest, std::size_t digits);

}  // namespace albicilla
