// A row on its way from the writer to the rules: its text and where in it the long strings stand
// that were copied from checked text. The rules look at everything else byte for byte.
#pragma once

#include <string>
#include <string_view>

#include "converter/reading/known_strings.h"

namespace albicilla {

// What a row is appended to; a plain string will do. Both must outlive it.
struct RowOutput {
  RowOutput(std::string& into) : text(into) {}  // NOLINT(google-explicit-constructor)
  RowOutput(std::string& into, KnownStrings& known) : text(into), strings(&known) {}

  std::string& text;
  KnownStrings* strings = nullptr;
};

// What the rules of a format are asked about; any text will do.
struct RowInput {
  RowInput(std::string_view row) : text(row) {}    // NOLINT(google-explicit-constructor)
  RowInput(const std::string& row) : text(row) {}  // NOLINT(google-explicit-constructor)
  RowInput(const char* row) : text(row) {}         // NOLINT(google-explicit-constructor)
  RowInput(std::string_view row, const KnownStrings& strings)
      : text(row), known{row.data(), &strings} {}

  std::string_view text;
  KnownText known;
};

}  // namespace albicilla
