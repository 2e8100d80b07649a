// The tools that a request offered, whatever the dialect. Views into the raw text. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "converter/reading/json_cursor.h"

namespace albicilla {

struct Tool {
  // A tool of ours has a name and parameters; a built-in one of the provider often only a type.
  bool is_function = false;
  RawString name;
  RawString description;
  std::string_view parameters;  // raw JSON schema, empty when there is none
  std::string_view strict;      // raw, empty when it was not said
  std::string_view raw;         // the whole tool
};

// `raw` is the request's list of tools or of legacy functions.
std::vector<Tool> read_tools(std::string_view raw);

}  // namespace albicilla
