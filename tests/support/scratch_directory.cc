#include "tests/support/scratch_directory.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

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

std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::vector<fs::path> found;
  std::error_code gone;
  for (fs::directory_iterator it(directory, gone); !gone && it != fs::directory_iterator();
       it.increment(gone)) {
    std::error_code vanished;
    if (it->is_directory(vanished) && !it->is_symlink(vanished)) {
      const auto below = files_below(it->path());
      found.insert(found.end(), below.begin(), below.end());
    } else if (it->is_regular_file(vanished)) {
      found.push_back(it->path());
    }
  }
  return found;
}

void write_whole_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace albicilla::tests
