// Where a text's long strings stand, so that whoever walks over the text again does not look at
// their bytes again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace albicilla {

// A string's bytes between its quotes.
struct RawString {
  std::string_view body;
  bool escaped = false;  // holds a backslash
  // True when `body` is spelled the one way in which we write strings: escapes only where JSON
  // needs them, in their shortest form. Then its bytes can be compared, hashed and copied as they
  // are.
  bool canonical = true;

  // For keys: compares the text. A key with escapes never equals a plain name here.
  bool is(std::string_view name) const {
    return body.size() == name.size() && std::memcmp(body.data(), name.data(), name.size()) == 0 &&
           !escaped;
  }
};

// Strings of one text, in their order. Only for strings that were checked.
class KnownStrings {
 public:
  // Shorter ones are found sooner than looked up.
  static constexpr std::size_t kShortest = 48;

  struct Place {
    std::size_t at;  // of the first byte behind the opening quote
    std::size_t size;
    bool escaped;
    bool canonical;
  };

  void clear() { places_.clear(); }
  // Behind all others.
  void add(const Place& place) {
    if (place.size >= kShortest) places_.push_back(place);
  }
  // The first that starts at this byte or behind it.
  const Place* from(std::size_t at) const {
    return std::lower_bound(places_.data(), end(), at,
                            [](const Place& place, std::size_t byte) { return place.at < byte; });
  }
  const Place* end() const { return places_.data() + places_.size(); }

 private:
  std::vector<Place> places_;
};

// A text with what is known of it, which may be nothing. Both must outlive it.
struct KnownText {
  const char* begin = nullptr;
  const KnownStrings* strings = nullptr;
};

}  // namespace albicilla
