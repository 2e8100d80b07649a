#include "tests/support/scratch_directory.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace albicilla::tests {

ScratchDirectory::ScratchDirectory(ScratchPlace place) {
  const std::string memory = "/dev/shm";
  const bool in_memory = place == ScratchPlace::memory && ::access(memory.c_str(), W_OK) == 0;
  const std::string parent = in_memory ? memory : std::filesystem::temp_directory_path().string();
  path_ = parent + "/albicilla-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_whole_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace albicilla::tests
