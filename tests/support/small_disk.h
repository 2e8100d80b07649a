// A file system with as much room and as many inodes as a test gives it, seen by this process and
// its children only. Needs the right to mount, at least in a namespace of its own.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/scratch_directory.h"

namespace albicilla::tests {

class SmallDisk {
 public:
  struct Size {
    std::uint64_t bytes = std::uint64_t{16} << 20;
    std::uint64_t inodes = 10'000;
  };

  // Before the process has threads.
  explicit SmallDisk(const Size& size);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();

  // False where this machine lets nobody mount.
  bool mounted() const { return mounted_; }
  std::string path(std::string_view name) const {
    return scratch_.path("disk/" + std::string(name));
  }
  // Takes what is there but for about so many bytes; room that was taken comes back with free_up().
  void fill_up(std::uint64_t leave_bytes = 0);
  void free_up();
  void resize(const Size& size);

 private:
  ScratchDirectory scratch_;
  bool mounted_ = false;
};

}  // namespace albicilla::tests
