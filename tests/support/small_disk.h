// A file system with as much room and as many inodes as a test gives it, seen by this process and
// its children only. Where nobody may mount one, not even in a namespace of its own, children find
// a library preloaded that keeps a directory as small (not for a test built with a sanitizer).
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

  std::string path(std::string_view name) const {
    return scratch_.path("disk/" + std::string(name));
  }
  // Takes what is there but for about so many bytes; room that was taken comes back with free_up().
  void fill_up(std::uint64_t leave_bytes = 0);
  void fill_inodes();
  void free_up();
  void resize(const Size& size);

 private:
  std::uint64_t free_bytes() const;
  std::uint64_t taken_inodes() const;
  void preload(const Size& size);

  ScratchDirectory scratch_;
  Size size_;
  bool mounted_ = false;
};

}  // namespace albicilla::tests
