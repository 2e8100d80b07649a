// Property: the reader gives exactly the entries that parse one after another from the start of the
// bytes, and says where it stopped and why.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "common/io/segment_log.h"

namespace {

class BytesFile final : public albicilla::RandomFile {
 public:
  explicit BytesFile(std::string_view bytes) : bytes_(bytes) {}
  albicilla::Result<std::size_t> read_at(std::uint64_t offset,
                                         std::span<char> buffer) const override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const auto part = bytes_.substr(static_cast<std::size_t>(offset), buffer.size());
    std::copy(part.begin(), part.end(), buffer.begin());
    return part.size();
  }
  albicilla::Status write_at(std::uint64_t, std::string_view) override { return {}; }
  albicilla::Status cut(std::uint64_t) override { return {}; }
  albicilla::Status sync() override { return {}; }
  albicilla::Result<std::uint64_t> size() const override { return std::uint64_t{bytes_.size()}; }

 private:
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  albicilla::SegmentReader reader(std::make_unique<BytesFile>(input));
  std::size_t offset = 0;
  while (true) {
    const auto expected = albicilla::parse_entry(input.substr(offset));
    const auto got = reader.next();
    if (!got) std::abort();
    if (got->has_value() != (expected.state == albicilla::EntryState::whole)) std::abort();
    if (!got->has_value()) {
      const bool at_end = offset == input.size();
      const bool bad = expected.state == albicilla::EntryState::bad;
      const auto end = bad      ? albicilla::SegmentEnd::bad
                       : at_end ? albicilla::SegmentEnd::clean
                                : albicilla::SegmentEnd::cut;
      if (reader.end() != end || reader.offset() != offset) std::abort();
      return 0;
    }
    if ((*got)->type != expected.entry.type) std::abort();
    if ((*got)->payload != expected.entry.payload) std::abort();
    offset += expected.entry.frame_bytes;
  }
}
