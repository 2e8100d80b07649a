// Property: what parses encodes to bytes that parse to the same value again, for headers and
// watermarks.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/record/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  if (const auto header = albicilla::parse_wire_header(input)) {
    const auto again = albicilla::parse_wire_header(albicilla::encode(*header));
    if (!again || !(*again == *header)) std::abort();
  }
  if (const auto watermark = albicilla::parse_watermark(input)) {
    const auto again = albicilla::parse_watermark(albicilla::encode(*watermark));
    if (!again || !(*again == *watermark)) std::abort();
  }
  return 0;
}
