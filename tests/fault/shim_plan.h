// Tells the preloaded fault_shim of one pipeline what to do, and what it did.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/scratch_directory.h"

namespace albicilla::fault {

enum class Role : std::uint8_t { worker, sink, both };

class ShimPlan {
 public:
  // Watches the files below `directory`; the words are those of fault_shim.cc.
  ShimPlan(Role role, std::string directory, const std::string& words);

  // For the pipeline's start; whoever starts later reads the words anew.
  std::vector<std::string> environment() const;
  void set(const std::string& words) const;
  bool fired() const;
  // How many calls changed a watched file, of all processes until one died.
  std::uint64_t calls() const;

 private:
  Role role_;
  std::string directory_;
  tests::ScratchDirectory scratch_;
};

}  // namespace albicilla::fault
