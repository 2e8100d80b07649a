#include "converter/viewer/keyed_hash.h"

#include <bit>
#include <cstring>

namespace albicilla::viewer {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t keyed_hash(const HashKey& key, std::string_view bytes) {
  State state{key.low ^ 0x736f6d6570736575ULL, key.high ^ 0x646f72616e646f6dULL,
              key.low ^ 0x6c7967656e657261ULL, key.high ^ 0x7465646279746573ULL};
  std::string_view rest = bytes;
  for (; rest.size() >= 8; rest.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, rest.data(), 8);
    state.take(word);
  }
  std::uint64_t last = static_cast<std::uint64_t>(bytes.size() & 0xff) << 56;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    last |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
  }
  state.take(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace albicilla::viewer
