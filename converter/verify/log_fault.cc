#include "converter/verify/log_fault.h"

#include <array>

namespace albicilla {

std::string_view to_string(FaultKind kind) {
  constexpr std::array<std::string_view, 10> kWords = {
      "edit",    "delete", "insert",        "reorder", "truncate",
      "missing", "extra",  "bad signature", "gap",     "duplicate"};
  return kWords[static_cast<std::size_t>(kind)];
}

}  // namespace albicilla
