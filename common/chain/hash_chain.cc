#include "common/chain/hash_chain.h"

#include <algorithm>
#include <charconv>

namespace albicilla {

namespace {

constexpr std::string_view kMark = ",\"chain\"";
constexpr std::string_view kBeforeNumber = ",\"chain\":{\"n\":";
constexpr std::string_view kBeforeHash = ",\"h\":\"";
constexpr std::string_view kAfterHash = "\"}}";
// A chain member is never longer: its fixed parts, 20 digits and 64.
constexpr std::size_t kMostLength =
    kBeforeNumber.size() + 20 + kBeforeHash.size() + 64 + kAfterHash.size();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<Digest> digest_from_hex(std::string_view text) {
  Digest digest{};
  if (text.size() != digest.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

ChainHead chain_start(std::string_view file_name) { return {0, sha256(file_name)}; }

ChainHead chain_next(const ChainHead& head, const Digest& line_digest) {
  std::string both;
  both.append(reinterpret_cast<const char*>(head.h.data()), head.h.size());
  both.append(reinterpret_cast<const char*>(line_digest.data()), line_digest.size());
  return {head.n + 1, sha256(both)};
}

void append_chain(std::string& line, const ChainHead& head) {
  line += kBeforeNumber;
  line += std::to_string(head.n);
  line += kBeforeHash;
  line += hex_prefix(head.h, 64);
  line += kAfterHash;
}

std::optional<ChainedLine> split_chained_line(std::string_view line) {
  // Only the end is looked at: lines without a chain are long, too.
  const std::size_t before = line.size() - std::min(line.size(), kMostLength);
  const std::size_t found = line.substr(before).rfind(kMark);
  const std::size_t mark = before + found;
  if (found == std::string_view::npos || mark == 0 || line.front() != '{') return std::nullopt;
  ChainedLine split;
  split.chained = line.substr(0, mark);
  std::string_view rest = line.substr(mark);
  if (!rest.starts_with(kBeforeNumber)) return std::nullopt;
  rest.remove_prefix(kBeforeNumber.size());
  const auto number = std::from_chars(rest.data(), rest.data() + rest.size(), split.head.n);
  if (number.ec != std::errc{} || split.head.n == 0 || rest.front() == '0') return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(number.ptr - rest.data()));
  if (rest.size() != kBeforeHash.size() + 64 + kAfterHash.size() ||
      !rest.starts_with(kBeforeHash) || !rest.ends_with(kAfterHash)) {
    return std::nullopt;
  }
  const auto hash = digest_from_hex(rest.substr(kBeforeHash.size(), 64));
  if (!hash) return std::nullopt;
  split.head.h = *hash;
  return split;
}

}  // namespace albicilla
