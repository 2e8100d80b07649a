// Finds where a JSON string ends, many bytes a step: most bytes of a log stand in strings. Takes
// the widest registers that the processor has. Pure.
#pragma once

namespace albicilla {

struct StringScan {
  const char* at = nullptr;     // the closing quote, or where the error is
  const char* error = nullptr;  // nullptr when the closing quote was found
  bool escaped = false;         // there is a backslash
  bool canonical = true;        // escapes only where JSON needs them, in their shortest form
};

// `at` stands behind the opening quote.
StringScan scan_json_string(const char* at, const char* end);

// The first byte that cannot stand in a string as it is; `end` when there is none.
const char* end_of_plain_text(const char* at, const char* end);

}  // namespace albicilla
