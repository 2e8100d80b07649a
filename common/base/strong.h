// Strong<Tag, T>: a value that cannot be mixed up with another of the same representation.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace albicilla {

template <class Tag, class T>
struct Strong {
  T value{};
  auto operator<=>(const Strong&) const = default;
};

// Position of a record within its producer: 1, 2, 3 … without gaps; 0 means none.
using Seq = Strong<struct SeqTag, std::uint64_t>;

}  // namespace albicilla

template <class Tag, class T>
struct std::hash<albicilla::Strong<Tag, T>> {
  std::size_t operator()(const albicilla::Strong<Tag, T>& strong) const noexcept {
    return std::hash<T>{}(strong.value);
  }
};
