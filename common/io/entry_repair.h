// Puts right an entry of which a disk gave back a flipped bit or a damaged length, with what its
// own crc says. One bit has exactly one place that fits the crc; anything more is no longer told
// from chance and stays damage. Pure: bytes -> bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace albicilla {

// Beyond this the odds that chance looks like one flipped bit are too good (8 bits a byte against
// 2^32), so longer entries are only put right in their length.
inline constexpr std::size_t kMostRepairedBytes = std::size_t{64} << 10;

// The whole frame that `frame` was before; nullopt when one flipped bit or a wrong length does not
// explain it. The frame is known to end where `frame` ends.
std::optional<std::string> repair_frame(std::string_view frame);

// The same for a frame that begins at `bytes` and whose end must be found: where its length says,
// when an entry or nothing follows there, else where a length with one bit flipped back fits.
std::optional<std::string> repair_entry(std::string_view bytes);

}  // namespace albicilla
