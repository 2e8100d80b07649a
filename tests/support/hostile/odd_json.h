// JSON at the edge of its grammar and beyond: what is valid but alters when it is parsed and
// written again, what is nearly valid, what is so deep or long that a parser may break. Pure.
#pragma once

#include <string>
#include <vector>

namespace albicilla::support {

struct OddJson {
  std::string name;
  std::string bytes;
};

std::vector<OddJson> odd_json();

}  // namespace albicilla::support
