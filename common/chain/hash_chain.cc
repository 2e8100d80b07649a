#include "common/chain/hash_chain.h"

#include <charconv>
#include <cstring>

namespace albicilla {

namespace {

constexpr std::string_view kBeforeNumber = ",\"chain\":{\"n\":";
constexpr std::string_view kBeforeHash = ",\"h\":\"";
constexpr std::string_view kAfterHash = "\"}}";
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
  char both[2 * sizeof(Digest)];
  std::memcpy(both, head.h.data(), head.h.size());
  std::memcpy(both + head.h.size(), line_digest.data(), line_digest.size());
  return {head.n + 1, sha256({both, sizeof(both)})};
}

void append_chain(std::string& line, const ChainHead& head) {
  line += kBeforeNumber;
  line += std::to_string(head.n);
  line += kBeforeHash;
  line += hex_prefix(head.h, 64);
  line += kAfterHash;
}

void put_chain_hash(std::string& text, std::size_t end, const Digest& h) {
  const std::string hash = hex_prefix(h, 64);
  hash.copy(text.data() + end - kAfterHash.size() - hash.size(), hash.size());
}

std::optional<ChainedLine> split_chained_line(std::string_view line) {
  // From the end, where everything has its place: lines without a chain are long, too.
  constexpr std::size_t kTail = kBeforeHash.size() + 64 + kAfterHash.size();
  if (line.size() <= kTail + kBeforeNumber.size() || line.front() != '{') return std::nullopt;
  const std::string_view tail = line.substr(line.size() - kTail);
  if (!tail.starts_with(kBeforeHash) || !tail.ends_with(kAfterHash)) return std::nullopt;
  const std::size_t number_end = line.size() - kTail;
  std::size_t number = number_end;
  while (number > 0 && line[number - 1] >= '0' && line[number - 1] <= '9') --number;
  const std::string_view before = line.substr(0, number);
  if (number == number_end || line[number] == '0' || !before.ends_with(kBeforeNumber)) {
    return std::nullopt;
  }
  ChainedLine split;
  split.chained = before.substr(0, number - kBeforeNumber.size());
  if (split.chained.empty()) return std::nullopt;
  const auto parsed = std::from_chars(line.data() + number, line.data() + number_end, split.head.n);
  const auto hash = digest_from_hex(tail.substr(kBeforeHash.size(), 64));
  if (parsed.ec != std::errc{} || !hash) return std::nullopt;
  split.head.h = *hash;
  return split;
}

}  // namespace albicilla
