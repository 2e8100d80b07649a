// What a sealed log file holds, made in the test.
#pragma once

#include <zstd.h>

#include <string>
#include <string_view>

namespace albicilla::tests {

inline std::string packed_zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
  return packed;
}

}  // namespace albicilla::tests
