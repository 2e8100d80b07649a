#include "common/base/sha256_lanes.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace albicilla {

namespace {

#if defined(__x86_64__)

constexpr std::size_t kBlock = 64;  // bytes

constexpr std::array<std::uint32_t, 8> kStart = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                                 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

constexpr std::array<std::uint32_t, 64> kRounds = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

// One word of each lane's text or state.
using Eight [[gnu::vector_size(32)]] = std::uint32_t;
using Sixteen [[gnu::vector_size(64)]] = std::uint32_t;

template <class Vector>
constexpr std::size_t kLanesOf = sizeof(Vector) / sizeof(std::uint32_t);

// The state of all lanes, word by word, and where the next block of each lane stands.
template <class Vector>
struct Column {
  Vector words[8];
  const char* at[kLanesOf<Vector>];
};

// out ^= value rotated to the right. Vectors go by reference: their passing by value depends on
// the target.
template <int kBits, class Vector>
[[gnu::always_inline]] inline void add_rotated(Vector& out, const Vector& value) {
  out ^= (value >> kBits) | (value << (32 - kBits));
}

template <class Vector>
[[gnu::always_inline]] inline void load_block(const Column<Vector>& lanes, std::size_t offset,
                                              Vector (&words)[16]) {
  for (std::size_t lane = 0; lane < kLanesOf<Vector>; ++lane) {
    const char* const block = lanes.at[lane] + offset;
    for (std::size_t i = 0; i < 16; ++i) {
      std::uint32_t word = 0;
      std::memcpy(&word, block + 4 * i, sizeof word);
      words[i][lane] = __builtin_bswap32(word);
    }
  }
}

template <class Vector>
[[gnu::always_inline]] inline void expand(Vector (&words)[16], std::size_t round) {
  const Vector& early = words[(round + 1) % 16];
  const Vector& late = words[(round + 14) % 16];
  Vector first = early >> 3;
  add_rotated<7>(first, early);
  add_rotated<18>(first, early);
  Vector second = late >> 10;
  add_rotated<17>(second, late);
  add_rotated<19>(second, late);
  words[round % 16] += first + second + words[(round + 9) % 16];
}

template <class Vector>
[[gnu::always_inline]] inline void compress(Column<Vector>& lanes, std::size_t blocks) {
  Vector* const state = lanes.words;
  for (std::size_t block = 0; block < blocks; ++block) {
    Vector words[16];
    load_block(lanes, block * kBlock, words);
    Vector a = state[0], b = state[1], c = state[2], d = state[3];
    Vector e = state[4], f = state[5], g = state[6], h = state[7];
#pragma GCC unroll 16
    for (std::size_t round = 0; round < 64; ++round) {
      if (round >= 16) expand(words, round);
      Vector sum = e ^ e;
      add_rotated<6>(sum, e);
      add_rotated<11>(sum, e);
      add_rotated<25>(sum, e);
      const Vector next = h + sum + (g ^ (e & (f ^ g))) + words[round % 16] + kRounds[round];
      sum = a ^ a;
      add_rotated<2>(sum, a);
      add_rotated<13>(sum, a);
      add_rotated<22>(sum, a);
      h = g, g = f, f = e, e = d + next;
      const Vector majority = (a & b) | (c & (a | b));
      d = c, c = b, b = a, a = next + sum + majority;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
  }
}

[[gnu::target("avx2"), gnu::noinline]] void compress_eight(Column<Eight>& lanes,
                                                           std::size_t blocks) {
  compress(lanes, blocks);
}
[[gnu::target("avx512f"), gnu::noinline]] void compress_sixteen(Column<Sixteen>& lanes,
                                                                std::size_t blocks) {
  compress(lanes, blocks);
}

// The last bytes of a text with what the standard puts behind them.
struct Tail {
  std::array<char, 2 * kBlock> bytes{};
  std::size_t blocks = 0;

  explicit Tail(std::string_view text) {
    const std::size_t left = text.size() % kBlock;
    blocks = left + 9 <= kBlock ? 1 : 2;
    text.copy(bytes.data(), left, text.size() - left);
    bytes[left] = static_cast<char>(0x80);
    const std::uint64_t bits = __builtin_bswap64(std::uint64_t{text.size()} * 8);
    std::memcpy(bytes.data() + blocks * kBlock - sizeof bits, &bits, sizeof bits);
  }
};

template <class Vector>
class Lanes {
 public:
  using Compress = void (*)(Column<Vector>&, std::size_t);
  Lanes(std::span<const std::string_view> texts, std::span<Digest> digests, Compress compress)
      : texts_(texts), digests_(digests), compress_(compress) {}

  void run() {
    for (std::size_t lane = 0; lane < kCount; ++lane) start(lane);
    while (const Work* const any = shortest()) {
      const std::size_t blocks = any->blocks;
      const char* const readable = column_.at[static_cast<std::size_t>(any - work_.data())];
      for (std::size_t lane = 0; lane < kCount; ++lane) {
        if (work_[lane].blocks == 0) column_.at[lane] = readable;  // idle
      }
      compress_(column_, blocks);
      for (std::size_t lane = 0; lane < kCount; ++lane) {
        if (work_[lane].blocks > 0) pass(lane, blocks);
      }
    }
  }

 private:
  static constexpr std::size_t kCount = kLanesOf<Vector>;

  struct Work {
    std::size_t text = 0;
    std::size_t blocks = 0;  // left of what the lane stands in; 0: the lane is idle
    bool in_tail = false;
    Tail tail{{}};
  };

  void start(std::size_t lane) {
    Work& work = work_[lane];
    work.blocks = 0;
    if (next_ == texts_.size()) return;
    work.text = next_++;
    const std::string_view text = texts_[work.text];
    work.tail = Tail(text);
    work.in_tail = text.size() < kBlock;
    work.blocks = work.in_tail ? work.tail.blocks : text.size() / kBlock;
    column_.at[lane] = work.in_tail ? work.tail.bytes.data() : text.data();
    for (std::size_t i = 0; i < kStart.size(); ++i) column_.words[i][lane] = kStart[i];
  }

  // The lane at work that is done first; null when all are idle.
  const Work* shortest() const {
    const Work* found = nullptr;
    for (const Work& work : work_) {
      if (work.blocks > 0 && (found == nullptr || work.blocks < found->blocks)) found = &work;
    }
    return found;
  }

  void pass(std::size_t lane, std::size_t blocks) {
    Work& work = work_[lane];
    work.blocks -= blocks;
    column_.at[lane] += blocks * kBlock;
    if (work.blocks > 0) return;
    if (!work.in_tail) {
      work.in_tail = true;
      work.blocks = work.tail.blocks;
      column_.at[lane] = work.tail.bytes.data();
      return;
    }
    Digest& digest = digests_[work.text];
    for (std::size_t i = 0; i < kStart.size(); ++i) {
      const std::uint32_t word = __builtin_bswap32(column_.words[i][lane]);
      std::memcpy(digest.data() + 4 * i, &word, sizeof word);
    }
    start(lane);
  }

  std::span<const std::string_view> texts_;
  std::span<Digest> digests_;
  Compress compress_;
  std::size_t next_ = 0;
  std::array<Work, kCount> work_;
  Column<Vector> column_{};
};

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

std::size_t widest() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return kLanesOf<Sixteen>;
  return __builtin_cpu_supports("avx2") ? kLanesOf<Eight> : 1;
}

const std::size_t kLanes = widest();
const bool kHasShaInstructions = has_sha_instructions();

#endif

}  // namespace

#if defined(__x86_64__)

std::size_t sha256_lane_count() { return kHasShaInstructions || kLanes == 1 ? 0 : kLanes; }

void sha256_in_lanes(std::span<const std::string_view> texts, std::span<Digest> digests) {
  if (kLanes == kLanesOf<Sixteen>) return Lanes<Sixteen>(texts, digests, compress_sixteen).run();
  if (kLanes == kLanesOf<Eight>) return Lanes<Eight>(texts, digests, compress_eight).run();
  for (std::size_t i = 0; i < texts.size(); ++i) digests[i] = sha256(texts[i]);
}

#else

std::size_t sha256_lane_count() { return 0; }

void sha256_in_lanes(std::span<const std::string_view> texts, std::span<Digest> digests) {
  for (std::size_t i = 0; i < texts.size(); ++i) digests[i] = sha256(texts[i]);
}

#endif

}  // namespace albicilla
