// The members of one object, found in a single walk, for whoever asks for several of them.
// Keeps views into the text, which must outlive it. Pure, thread safe, no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "common/json/walk.h"

namespace albicilla {

class JsonFields {
 public:
  // For text that check_json has accepted; no fields when it is not an object.
  explicit JsonFields(std::string_view object);

  // As json_member: the raw value, empty when absent, of duplicates the last.
  std::string_view operator[](std::string_view name) const;

 private:
  static constexpr std::size_t kMostKept = 24;

  std::string_view object_;
  std::array<JsonMember, kMostKept> kept_;
  std::size_t count_ = 0;
  bool all_kept_ = true;  // else every question walks: many members, or a key with escapes
};

}  // namespace albicilla
