#include "common/base/base64.h"

#include <array>
#include <cstdint>

namespace albicilla {

namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (int i = 0; i < 64; ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr std::array<std::int8_t, 256> kValues = make_values();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + start;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t three =
        byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    *to++ = kDigits[three >> 18];
    *to++ = kDigits[(three >> 12) & 63U];
    *to++ = i + 1 < bytes.size() ? kDigits[(three >> 6) & 63U] : '=';
    *to++ = i + 2 < bytes.size() ? kDigits[three & 63U] : '=';
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pad = i >= text.size() - padding;
    const int value = pad ? 0 : kValues[static_cast<unsigned char>(text[i])];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (i % 4 != 3) continue;
    bytes.push_back(static_cast<char>(bits >> 16 & 255U));
    bytes.push_back(static_cast<char>(bits >> 8 & 255U));
    bytes.push_back(static_cast<char>(bits & 255U));
    bits = 0;
  }
  const std::string_view dropped = std::string_view(bytes).substr(bytes.size() - padding);
  if (dropped.find_first_not_of('\0') != std::string_view::npos) return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace albicilla
