// Property: the lines, with their newlines, are the stream again, numbered and placed, whatever a
// read brings. The first byte is the size of the reads.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "converter/reading/line_reader.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

class Pieces final : public ByteSource {
 public:
  Pieces(std::string_view bytes, std::size_t step) : bytes_(bytes), step_(step) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min({into.size(), step_, bytes_.size()});
    std::copy_n(bytes_.begin(), count, into.begin());
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  std::size_t step_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  LineReader reader(std::make_unique<Pieces>(stream, bytes[0] % 64 + std::size_t{1}));
  std::string again;
  std::uint64_t number = 0;
  while (true) {
    const auto line = reader.next();
    expect(line.has_value());
    if (!line->has_value()) break;
    expect((*line)->number == ++number && (*line)->offset == again.size());
    expect((*line)->text.find('\n') == std::string_view::npos);
    again += (*line)->text;
    if ((*line)->whole) again += '\n';
  }
  expect(again == stream);
  return 0;
}
