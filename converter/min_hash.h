// Signatures of near-equal texts: MinHash over groups of five words, in 14 bands of 8 rows, so that
// texts whose groups agree in about three quarters share a band. The same on every machine. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace albicilla {

// One number a band; texts that have one in common are near duplicates.
std::vector<std::uint64_t> min_hash_bands(std::string_view text);

}  // namespace albicilla
