#include "converter/viewer/index_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/base/id128.h"

namespace albicilla::viewer {

Result<Fd> lock_index(const std::filesystem::path& index_dir) {
  const std::filesystem::path path = index_dir / "lock";
  Fd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return errno_error("open " + path.string(), errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return our_error(index_dir.string() +
                     ": another viewer uses this index; give this one its own --index-dir");
  }
  return lock;
}

Result<HashKey> load_index_key(const std::filesystem::path& index_dir) {
  const std::filesystem::path path = index_dir / "key";
  HashKey key;
  std::ifstream in(path, std::ios::binary);
  if (in.read(reinterpret_cast<char*>(&key), sizeof key)) return key;
  const auto random = random_bytes16();
  std::memcpy(&key, random.data(), sizeof key);
  const Fd out(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!out.valid() || ::write(out.get(), &key, sizeof key) != static_cast<ssize_t>(sizeof key)) {
    return errno_error("write " + path.string(), errno);
  }
  return key;
}

}  // namespace albicilla::viewer
