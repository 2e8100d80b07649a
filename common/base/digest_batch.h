// SHA-256 of many texts at once. A processor without SHA instructions hashes one text at 0.2 to 0.3
// GB/s; side by side in the lanes of its vector registers, texts go five to ten times faster.
// Intel's multi-buffer library does it where it exists (x86-64), for long texts sha256_lanes;
// OpenSSL elsewhere.
#pragma once

#include <span>
#include <string_view>

#include "common/base/digest.h"

namespace albicilla {

// digests[i] becomes sha256(texts[i]); both have the same size. Worth it from two texts on, best
// with sixteen or more. Thread safe; a thread that uses it keeps 1 MB for it.
void sha256_each(std::span<const std::string_view> texts, std::span<Digest> digests);

}  // namespace albicilla
