// What albicilla-verify, run as its users run it, says about a log root.
#pragma once

#include <cstdint>
#include <string>

namespace albicilla::fault {

struct Verification {
  int exit_code = -1;
  std::uint64_t faults = 0;
  std::uint64_t gaps = 0;
  std::uint64_t acknowledged = 0;  // by the ledger, all producers
  std::uint64_t written = 0;
  std::uint64_t lost = 0;
  std::string text;  // all that it printed

  bool is_sound() const {
    return faults == 0 && (exit_code == 0 || exit_code == 2 || exit_code == 3);
  }
};

// `scratch` is a file for its output.
Verification verify_log_root(const std::string& root, const std::string& scratch);

}  // namespace albicilla::fault
