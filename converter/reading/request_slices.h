// A request or answer cut at its top-level members, and its list of messages cut at each message,
// without looking inside them. What was seen before is recognised by its bytes and passed over at
// the speed of memcmp.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "converter/reading/json_cursor.h"

namespace albicilla {

// Texts that are likely to come next. The views it gives must have been checked as whole values.
class LikelyTexts {
 public:
  static constexpr std::uint32_t kUnknown = 0xFFFFFFFF;
  virtual ~LikelyTexts() = default;

  // Takes the value of this member if its text is known; its number, or kUnknown and nothing taken.
  virtual std::uint32_t take_field(std::string_view name, JsonCursor& cursor) = 0;
  // The same for the element at `place` of the list of messages.
  virtual std::uint32_t take_element(std::size_t place, JsonCursor& cursor) = 0;
};

struct SlicedField {
  RawString name;
  std::string_view value;
  std::uint32_t known = LikelyTexts::kUnknown;  // number given by LikelyTexts
};

struct SlicedElement {
  std::string_view value;
  std::uint32_t known = LikelyTexts::kUnknown;
};

struct RequestSlices {
  std::string_view text;  // all of it
  JsonKind kind = JsonKind::absent;
  std::vector<SlicedField> fields;  // in their order, without the list
  std::string_view list_name;       // "messages" or "input" when that is a list
  std::vector<SlicedElement> elements;
  std::vector<std::string_view> known_texts;  // values that LikelyTexts took, in their order

  void clear();
  // The value of a member, empty when it is absent or null; of equal members the last.
  std::string_view field(std::string_view name) const;
  const SlicedField* find(std::string_view name) const;
};

// Cuts the value that comes next. False when it is not valid JSON (the cursor has failed then).
bool slice_request(JsonCursor& cursor, LikelyTexts& likely, RequestSlices& slices);

// Knows nothing.
class NoLikelyTexts final : public LikelyTexts {
 public:
  std::uint32_t take_field(std::string_view, JsonCursor&) override { return kUnknown; }
  std::uint32_t take_element(std::size_t, JsonCursor&) override { return kUnknown; }
};

}  // namespace albicilla
