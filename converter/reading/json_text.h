// Writes JSON text: strings spelled one way (escapes only where JSON needs them), values re-emitted
// with Python's separators, numbers and key order as they were. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "converter/reading/json_cursor.h"

namespace albicilla {

// What was altered because it could not be kept; counted, so that it can be warned of.
struct TextRepairs {
  std::uint64_t lone_surrogates = 0;  // written as U+FFFD
  std::uint64_t duplicate_keys = 0;   // the last value won
};

// The text that a JSON string stands for, behind `out`.
void append_text(std::string& out, const RawString& raw, TextRepairs& repairs);
// The same string spelled our way, without quotes.
void append_respelled(std::string& out, const RawString& raw, TextRepairs& repairs);
// Plain text as the inside of a JSON string, without quotes.
void append_escaped(std::string& out, std::string_view text);

// A whole value with ", " and ": " between its parts, as Python writes it. Of equal keys the last
// value stands at the first one's place. `raw` must have been checked (JsonCursor::skip).
void append_python_json(std::string& out, std::string_view raw, TextRepairs& repairs);
// {"a":1,"b":[1,2]}: the same without the spaces.
void append_compact_json(std::string& out, std::string_view raw, TextRepairs& repairs);
// The one text that equal values have: no spaces, keys sorted, strings spelled our way. Members
// whose key is in `dropped` are left out wherever they stand. Numbers keep their text.
void append_canonical_json(std::string& out, std::string_view raw, TextRepairs& repairs,
                           std::span<const std::string_view> dropped = {});

// The inside of a JSON string without the white space at its end, escaped or not.
std::string_view strip_trailing_space(std::string_view body);
// Without white space at both ends, as Python's str.strip() sees it.
std::string_view strip_space(std::string_view text);

}  // namespace albicilla
