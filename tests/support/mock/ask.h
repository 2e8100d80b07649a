// What a generating call asks for: the few fields of its JSON that shape the mock's answer, with
// the directives that came along.
#pragma once

#include <string>
#include <vector>

#include "tests/support/mock/directives.h"
#include "tests/support/mock/request.h"

namespace albicilla::mock {

struct Ask {
  Directives directives;
  std::string model;  // as sent; empty when the body names none
  bool stream = false;
  bool include_usage = false;
  std::vector<std::string> tool_names;
  bool readable = false;  // the body is a JSON object
  std::string fault;      // a directive that is not known, empty when all are
};

// Reads the directives from header, body and model, and the fields when the body is a JSON object.
Ask read_ask(const Request& request);

}  // namespace albicilla::mock
