// SHA-256 (FIPS 180-4) of long texts side by side, one in each lane of the widest registers that
// the processor has. For digest_batch: the multi-buffer library takes no text of 64 KiB or more,
// and OpenSSL hashes those at a quarter of the speed where there are no SHA instructions. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "common/base/digest.h"

namespace albicilla {

// How many of these are hashed at once on this processor; 0 when one by one is as fast or faster.
std::size_t sha256_lane_count();
// digests[i] becomes sha256(texts[i]); best with the longest first.
void sha256_in_lanes(std::span<const std::string_view> texts, std::span<Digest> digests);

}  // namespace albicilla
