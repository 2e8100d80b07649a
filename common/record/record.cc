#include "common/record/record.h"

#include <array>

namespace albicilla {

namespace {

constexpr std::array<std::string_view, 8> kEndings = {
    "complete",       "client_abort",       "client_abort_after_end",
    "upstream_error", "upstream_truncated", "refused",
    "shutdown",       "interrupted"};

}  // namespace

std::string_view to_string(Ending ending) { return kEndings[static_cast<std::size_t>(ending)]; }

std::optional<Ending> ending_from(std::string_view word) {
  for (std::size_t i = 0; i < kEndings.size(); ++i) {
    if (kEndings[i] == word) return static_cast<Ending>(i);
  }
  return std::nullopt;
}

}  // namespace albicilla
