// A row on its way from the writer to the rules: its text and where in it the long strings stand
// that were copied from checked text. The rules look at everything else byte for byte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "converter/reading/known_strings.h"

namespace albicilla {

// The list of tools that row after row has, written once and held against the rules once. For rows
// of one format.
struct KnownTools {
  std::string source;              // Conversation::tools_text
  std::string written;             // as rows hold it; empty: nothing is known yet
  std::string checked;             // a list as rows hold it that kept the rules
  std::vector<std::string> names;  // of the functions in `checked`
};

// What is known of a row by those who make many; outlives it.
struct RowMemory {
  KnownStrings strings;
  KnownTools tools;
};

// What a row is appended to; a plain string will do. Both must outlive it.
struct RowOutput {
  RowOutput(std::string& into) : text(into) {}  // NOLINT(google-explicit-constructor)
  RowOutput(std::string& into, RowMemory& known)
      : text(into), strings(&known.strings), tools(&known.tools) {}

  std::string& text;
  KnownStrings* strings = nullptr;
  KnownTools* tools = nullptr;
};

// What the rules of a format are asked about; any text will do.
struct RowInput {
  RowInput(std::string_view row) : text(row) {}    // NOLINT(google-explicit-constructor)
  RowInput(const std::string& row) : text(row) {}  // NOLINT(google-explicit-constructor)
  RowInput(const char* row) : text(row) {}         // NOLINT(google-explicit-constructor)
  RowInput(std::string_view row, RowMemory& memory)
      : text(row), known{row.data(), &memory.strings}, tools(&memory.tools) {}

  std::string_view text;
  KnownText known;
  KnownTools* tools = nullptr;
};

}  // namespace albicilla
