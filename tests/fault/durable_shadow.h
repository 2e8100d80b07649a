// The other side of the shim's `shadow` plan: beside a directory lies a shadow of what of it was
// synced, inode by inode. A power cut leaves the shadow, and of what was not synced whatever the
// disk happened to have written.
#pragma once

#include <filesystem>
#include <random>
#include <string>

namespace albicilla::fault {

class DurableShadow {
 public:
  // What is in `directory` now counts as durable. Both must be on a file system that knows when a
  // file was born: inode numbers are used again.
  DurableShadow(std::filesystem::path directory, std::filesystem::path shadow);

  // Nobody may use the directory meanwhile. Every second time all that was not synced is gone; else
  // each page and each directory may have been written or not.
  void cut_power(std::mt19937_64& random) const;

 private:
  std::filesystem::path directory_;
  std::filesystem::path shadow_;
};

}  // namespace albicilla::fault
