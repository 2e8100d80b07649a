// A fresh directory for one test, removed with everything in it at the end.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace albicilla::tests {

enum class ScratchPlace {
  disk,
  memory,  // for tests that sync thousands of times, where the machine has such a place; little
           // room
};

class ScratchDirectory {
 public:
  explicit ScratchDirectory(ScratchPlace place = ScratchPlace::disk);
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory();

  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

// Outside the house's own file room on purpose: tests look at what really is on the disk.
std::string bytes_of_file(const std::string& path);
// All regular files below it, in no order. Programs may work there meanwhile: what vanishes while
// we look is left out.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory);
void write_whole_file(const std::string& path, std::string_view bytes);

}  // namespace albicilla::tests
