// CRC-32C (Castagnoli, RFC 3720 B.4): guards spool entries, wire frames and commit-log entries.
// Uses the processor's instruction where there is one. Pure, thread safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace albicilla {

// Continues from `crc`, so that crc32c(b, crc32c(a)) == crc32c(a followed by b).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace albicilla
