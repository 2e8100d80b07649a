// Preloaded where nobody may mount a small file system: makes the directory ROOM_BELOW one. Before
// each call that would take room there it looks at what is taken and at ROOM_LIMITS (a file:
// "bytes inodes") and fails with ENOSPC what would go beyond.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace {

constexpr std::uint64_t kBlockBytes = 512;

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

std::string setting(const char* name) {
  const char* value = getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any here
  return value == nullptr ? std::string() : std::string(value);
}

const std::string& below() {
  static const std::string directory = setting("ROOM_BELOW");
  return directory;
}

bool watched(std::string_view path) {
  return !below().empty() && path.substr(0, below().size()) == below();
}

struct Taken {
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
};

void add_taken(const std::string& directory, Taken& taken) {
  DIR* opened = opendir(directory.c_str());
  if (opened == nullptr) return;
  while (const dirent* entry = readdir(opened)) {  // NOLINT: a stream of our own
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat facts {};
    const std::string path = directory + "/" + name;
    if (lstat(path.c_str(), &facts) != 0) continue;
    taken.bytes += static_cast<std::uint64_t>(facts.st_blocks) * kBlockBytes;
    ++taken.inodes;
    if (S_ISDIR(facts.st_mode)) add_taken(path, taken);
  }
  closedir(opened);
}

bool has_room(std::uint64_t bytes, std::uint64_t inodes) {
  std::ifstream file(setting("ROOM_LIMITS"));
  Taken limit{UINT64_MAX / 2, UINT64_MAX / 2};
  file >> limit.bytes >> limit.inodes;
  Taken taken;
  add_taken(below(), taken);
  return (bytes == 0 || taken.bytes + bytes <= limit.bytes) &&
         (inodes == 0 || taken.inodes + inodes <= limit.inodes);
}

bool is_watched(int fd) {
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink(link.c_str(), path.data(), path.size() - 1);
  return size > 0 && watched({path.data(), static_cast<std::size_t>(size)});
}

// What stands in blocks that the file has already needs no room.
bool may_reach(int fd, std::uint64_t end) {
  struct stat facts {};
  if (!is_watched(fd) || fstat(fd, &facts) != 0) return true;
  const std::uint64_t has = static_cast<std::uint64_t>(facts.st_blocks) * kBlockBytes;
  return end <= has || has_room(end - has, 0);
}

std::uint64_t end_of(int fd) {
  struct stat facts {};
  return fstat(fd, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

template <class Call>
auto if_room(bool room, Call call) -> decltype(call()) {
  if (room) return call();
  errno = ENOSPC;
  return -1;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static const auto call = real<int (*)(const char*, int, ...)>("open");
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  const bool makes = (flags & O_CREAT) != 0 && watched(path) && access(path, F_OK) != 0;
  return if_room(!makes || has_room(0, 1), [&] { return call(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  return open(path, flags, mode);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto call = real<int (*)(const char*, mode_t)>("mkdir");
  const bool makes = watched(path) && access(path, F_OK) != 0;
  return if_room(!makes || has_room(0, 1), [&] { return call(path, mode); });
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t)>("write");
  return if_room(may_reach(fd, end_of(fd) + size), [&] { return call(fd, bytes, size); });
}

ssize_t writev(int fd, const struct iovec* pieces, int count) {
  static const auto call = real<ssize_t (*)(int, const struct iovec*, int)>("writev");
  std::uint64_t size = 0;
  for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
  return if_room(may_reach(fd, end_of(fd) + size), [&] { return call(fd, pieces, count); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return if_room(may_reach(fd, static_cast<std::uint64_t>(offset) + size),
                 [&] { return call(fd, bytes, size, offset); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return pwrite(fd, bytes, size, offset);
}

int fallocate(int fd, int mode, off_t offset, off_t size) {
  static const auto call = real<int (*)(int, int, off_t, off_t)>("fallocate");
  return if_room(may_reach(fd, static_cast<std::uint64_t>(offset + size)),
                 [&] { return call(fd, mode, offset, size); });
}

int fallocate64(int fd, int mode, off64_t offset, off64_t size) {
  return fallocate(fd, mode, offset, size);
}

}  // extern "C"
