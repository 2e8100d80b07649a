// Properties: whatever a coded body holds, no more comes out than the cap; a larger cap gives the
// same first bytes; `failed` gives nothing. The first byte picks the coding, the second the cap.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/http/content_coding.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

constexpr std::array<std::string_view, 8> kCodings = {
    "gzip", "deflate", "br", "zstd", "x-gzip", "gzip, br", "zstd,gzip,deflate", "identity, GZIP"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view coding = kCodings[bytes[0] % kCodings.size()];
  const std::size_t cap = std::size_t{bytes[1]} * 16;
  const std::string_view body(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  const DecodedContent little = decode_content(body, coding, cap);
  const DecodedContent more = decode_content(body, coding, std::size_t{1} << 16);
  expect(little.bytes.size() <= cap);
  expect(little.outcome != Decoding::failed || little.bytes.empty());
  if (coding.find(',') == std::string_view::npos && more.outcome != Decoding::failed &&
      little.outcome != Decoding::failed) {
    expect(more.bytes.starts_with(little.bytes));
  }
  return 0;
}
