// Reads the objects that messages are made of: their members by name, and lists of parts as parts
// at once, so that each byte of a text is walked over only once. Serves items.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "converter/reading/items.h"

namespace albicilla {

// The members that matter; all others are passed over.
enum class Field : std::uint8_t {
  role,
  type,
  text,
  content,
  id,
  call_id,
  name,
  input,
  arguments,
  tool_use_id,
  tool_call_id,
  is_error,
  image_url,
  source,
  thinking,
  refusal,
  output,
  reasoning_content,
  reasoning,
  function_call,
  summary,
  action,
  data,
  url,  // stays the last
};

struct FieldValue {
  Field field{};
  JsonKind kind = JsonKind::absent;
  RawString text;        // when it is a string
  std::string_view raw;  // the whole value

  bool is_text() const { return kind == JsonKind::string; }
  bool is(std::string_view word) const { return is_text() && text.is(word); }
};

class Fields {
 public:
  void clear() {
    places_.fill(0);
    count_ = 0;
  }
  // Of equal members the last counts.
  void add(const FieldValue& value) {
    std::uint8_t& place = places_[static_cast<std::size_t>(value.field)];
    if (place == 0) place = ++count_;
    values_[place] = value;
  }
  // An absent value when there is none.
  const FieldValue& operator[](Field field) const {
    return values_[places_[static_cast<std::size_t>(field)]];
  }

 private:
  static constexpr std::size_t kFields = static_cast<std::size_t>(Field::url) + 1;

  std::array<FieldValue, kFields + 1> values_;  // the first is the absent one
  std::array<std::uint8_t, kFields> places_{};
  std::uint8_t count_ = 0;
};

// A tool_result block: the parts inside it stand at [first, last) of ItemReader::parts.
struct ResultBlock {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  RawString id;
  bool is_error = false;
};

// Reads one message or item into `fields`, `parts` and `results`. Used again and again.
class ItemReader {
 public:
  Status read(std::string_view raw, const KnownText& known = {});
  // The same for a bare value that is a string or a list of parts.
  Status read_content(std::string_view raw, const KnownText& known);

  const Fields& fields() const { return levels_[0]; }
  std::vector<Part>& parts() { return parts_; }
  const std::vector<ResultBlock>& results() const { return results_; }
  // Calls of a chat message; they stand apart because a message may name them before its text.
  const std::vector<Part>& calls() const { return calls_; }

 private:
  bool object(JsonCursor& cursor, std::size_t level);
  bool value(JsonCursor& cursor, FieldValue& value);
  bool content(JsonCursor& cursor, FieldValue& value, std::size_t level);
  bool part(JsonCursor& cursor, std::size_t level);
  bool calls(JsonCursor& cursor, std::size_t level);
  bool member(JsonCursor& cursor, const RawString& key, std::size_t level);
  bool other_member(JsonCursor& cursor, const RawString& key, std::size_t level);
  void finish_part(const Fields& fields, std::string_view raw, std::uint32_t inner, bool nested);

  // A message, its parts, what is inside a part, and one level of objects inside those.
  static constexpr std::size_t kLevels = 4;
  std::array<Fields, kLevels> levels_;
  std::vector<Part> parts_;
  std::vector<Part> calls_;
  std::vector<ResultBlock> results_;
};

// A call as the object of tool_calls, function_call or a tool_use block describes it.
Part call_part(const Fields& fields, std::string_view raw);

}  // namespace albicilla
