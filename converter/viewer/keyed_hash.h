// SipHash-1-3: a keyed 64-bit hash of bytes. The index recognises messages by it; the key is
// random, so that nobody who writes into a log can make two messages collide and hide one from the
// search. Pure, thread safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace albicilla::viewer {

struct HashKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

std::uint64_t keyed_hash(const HashKey& key, std::string_view bytes);

}  // namespace albicilla::viewer
