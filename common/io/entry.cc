#include "common/io/entry.h"

#include "common/base/crc32c.h"

namespace albicilla {

namespace {

constexpr std::size_t kPrefixBytes = 8;  // length and crc, which the length does not count

void put_u32(char* out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<char>((value >> (8 * i)) & 0xFF);
}

std::uint32_t get_u32(const char* bytes) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = (value << 8) | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

}  // namespace

void append_entry(std::string& out, std::uint8_t type, std::string_view payload) {
  const std::size_t start = begin_entry(out, type);
  out.append(payload);
  end_entry(out, start);
}

std::size_t begin_entry(std::string& out, std::uint8_t type) {
  const std::size_t start = out.size();
  out.append(kPrefixBytes, '\0');
  out.push_back(static_cast<char>(type));
  return start;
}

void end_entry(std::string& out, std::size_t start) {
  const std::string_view covered = std::string_view(out).substr(start + kPrefixBytes);
  put_u32(out.data() + start, static_cast<std::uint32_t>(covered.size()));
  put_u32(out.data() + start + 4, crc32c(covered));
}

EntryParse parse_entry(std::string_view bytes) {
  if (bytes.size() < kPrefixBytes) return {EntryState::cut, {}, kEntryHeaderBytes};
  const std::size_t length = get_u32(bytes.data());
  if (length == 0 || length > kMostEntryBytes) return {EntryState::bad, {}, 0};
  const std::size_t frame = kPrefixBytes + length;
  if (bytes.size() < frame) return {EntryState::cut, {}, frame};
  const std::string_view covered = bytes.substr(kPrefixBytes, length);
  if (crc32c(covered) != get_u32(bytes.data() + 4)) return {EntryState::bad, {}, 0};
  return {EntryState::whole, {static_cast<std::uint8_t>(covered[0]), covered.substr(1), frame}, 0};
}

}  // namespace albicilla
