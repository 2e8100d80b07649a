#include "common/io/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <type_traits>

namespace albicilla {

namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
// The kernel takes 1024 pieces at most; fewer keep the array on the stack small.
constexpr std::size_t kMostPieces = 256;

template <class Call>
auto retry_interrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Result<Fd> open_file(const std::string& path, int flags) {
  const int descriptor =
      retry_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
  if (descriptor < 0) return errno_error("open " + path, errno);
  return Fd(descriptor);
}

Result<struct stat> facts_of(const Fd& fd, const std::string& path) {
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return errno_error("look at " + path, errno);
  return facts;
}

Status sync_data(const Fd& fd, const std::string& path) {
  if (retry_interrupted([&] { return ::fdatasync(fd.get()); }) != 0) {
    return errno_error("sync " + path, errno);
  }
  return {};
}

Status cut_file(const Fd& fd, const std::string& path, std::uint64_t size) {
  if (retry_interrupted([&] { return ::ftruncate(fd.get(), static_cast<off_t>(size)); }) != 0) {
    return errno_error("cut " + path, errno);
  }
  return {};
}

class DiskAppendFile final : public AppendFile {
 public:
  DiskAppendFile(Fd fd, std::string path, std::uint64_t size)
      : fd_(std::move(fd)), path_(std::move(path)), size_(size) {}

  using AppendFile::append;
  Status append(std::span<const std::string_view> pieces) override {
    std::uint64_t written = 0;
    while (!pieces.empty()) {
      std::array<iovec, kMostPieces> group;
      const std::size_t count = std::min(pieces.size(), group.size());
      for (std::size_t i = 0; i < count; ++i) {
        group[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
      }
      if (const Status status = write_group({group.data(), count}, written); !status) return status;
      pieces = pieces.subspan(count);
    }
    size_ += written;
    return {};
  }

  Status sync() override { return sync_data(fd_, path_); }

  Status reserve(std::uint64_t size) override {
    const int failed = retry_interrupted(
        [&] { return ::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)); });
    if (failed != 0) return errno_error("reserve " + path_, errno);
    return {};
  }

  Status cut(std::uint64_t size) override {
    const Status status = cut_file(fd_, path_, size);
    if (status) size_ = size;
    return status;
  }

  std::uint64_t size() const override { return size_; }

 private:
  Status write_group(std::span<iovec> group, std::uint64_t& written) {
    while (!group.empty()) {
      const ssize_t count = retry_interrupted(
          [&] { return ::writev(fd_.get(), group.data(), static_cast<int>(group.size())); });
      if (count < 0) return errno_error("append to " + path_, errno);
      written += static_cast<std::uint64_t>(count);
      auto left = static_cast<std::size_t>(count);
      while (!group.empty() && left >= group.front().iov_len) {
        left -= group.front().iov_len;
        group = group.subspan(1);
      }
      if (group.empty()) break;
      group.front().iov_base = static_cast<char*>(group.front().iov_base) + left;
      group.front().iov_len -= left;
    }
    return {};
  }

  Fd fd_;
  std::string path_;
  std::uint64_t size_;
};

class DiskRandomFile final : public RandomFile {
 public:
  DiskRandomFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t count = retry_interrupted([&] {
        return ::pread(fd_.get(), buffer.data() + done, buffer.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (count < 0) return errno_error("read " + path_, errno);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Status write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = retry_interrupted([&] {
        return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      });
      if (count < 0) return errno_error("write " + path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
    return {};
  }

  Status cut(std::uint64_t size) override { return cut_file(fd_, path_, size); }
  Status sync() override { return sync_data(fd_, path_); }

  Result<std::uint64_t> size() const override {
    const auto facts = facts_of(fd_, path_);
    if (!facts) return facts.error();
    return static_cast<std::uint64_t>(facts->st_size);
  }

 private:
  Fd fd_;
  std::string path_;
};

Result<std::unique_ptr<AppendFile>> open_append_file(const std::string& path, int flags) {
  auto fd = open_file(path, O_WRONLY | O_APPEND | flags);
  if (!fd) return fd.error();
  const auto facts = facts_of(*fd, path);
  if (!facts) return facts.error();
  return std::unique_ptr<AppendFile>(std::make_unique<DiskAppendFile>(
      std::move(*fd), path, static_cast<std::uint64_t>(facts->st_size)));
}

Result<std::unique_ptr<RandomFile>> open_random_file(const std::string& path, int flags) {
  auto fd = open_file(path, flags);
  if (!fd) return fd.error();
  return std::unique_ptr<RandomFile>(std::make_unique<DiskRandomFile>(std::move(*fd), path));
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void Fd::close() {
  // Never retried: Linux has given the number back even when close was interrupted.
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

Result<std::unique_ptr<AppendFile>> DiskFileSystem::create_append(const std::string& path) {
  return open_append_file(path, O_CREAT | O_EXCL);
}

Result<std::unique_ptr<AppendFile>> DiskFileSystem::open_append(const std::string& path) {
  return open_append_file(path, 0);
}

Result<std::unique_ptr<RandomFile>> DiskFileSystem::open_read(const std::string& path) {
  return open_random_file(path, O_RDONLY);
}

Result<std::unique_ptr<RandomFile>> DiskFileSystem::open_write(const std::string& path) {
  return open_random_file(path, O_RDWR | O_CREAT);
}

Status DiskFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return errno_error("rename " + from + " to " + to, errno);
  }
  return {};
}

Status DiskFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error("remove " + path, errno);
  return {};
}

Status DiskFileSystem::remove_directory(const std::string& path) {
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return errno_error("remove " + path, errno);
  return {};
}

Status DiskFileSystem::make_directories(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (!part.empty() && ::mkdir(part.c_str(), kDirectoryMode) == 0) {
      if (const Status synced = sync_directory(directory_of(part)); !synced) return synced;
    } else if (!part.empty() && errno != EEXIST) {
      return errno_error("make directory " + part, errno);
    }
    if (slash == std::string::npos) break;
  }
  const auto facts = look(path);
  if (!facts) return facts.error();
  if (!facts->has_value() || !(*facts)->directory) return our_error(path + " is not a directory");
  return {};
}

Status DiskFileSystem::sync_directory(const std::string& path) {
  const auto fd = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!fd) return fd.error();
  if (retry_interrupted([&] { return ::fsync(fd->get()); }) != 0) {
    return errno_error("sync " + path, errno);
  }
  return {};
}

Status DiskFileSystem::sync_file_system(const std::string& path) {
  const auto fd = open_file(path, O_RDONLY);
  if (!fd) return fd.error();
  if (::syncfs(fd->get()) != 0) return errno_error("sync the file system of " + path, errno);
  return {};
}

Result<std::vector<std::string>> DiskFileSystem::list(const std::string& path) {
  const auto close_directory = [](DIR* directory) { ::closedir(directory); };
  const std::unique_ptr<DIR, decltype(close_directory)> directory(::opendir(path.c_str()),
                                                                  close_directory);
  if (!directory) return errno_error("list " + path, errno);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());  // NOLINT(concurrency-mt-unsafe): own stream
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return errno_error("list " + path, errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::optional<FileFacts>> DiskFileSystem::look(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return std::optional<FileFacts>();
    return errno_error("look at " + path, errno);
  }
  constexpr std::uint64_t kBlock = 512;  // the unit of st_blocks, whatever the file system's own
  constexpr std::int64_t kSecond = 1'000'000'000;
  return std::optional(FileFacts{static_cast<std::uint64_t>(facts.st_size),
                                 static_cast<std::uint64_t>(facts.st_blocks) * kBlock,
                                 S_ISDIR(facts.st_mode), static_cast<std::uint64_t>(facts.st_dev),
                                 static_cast<std::uint64_t>(facts.st_ino),
                                 facts.st_mtim.tv_sec * kSecond + facts.st_mtim.tv_nsec});
}

Result<std::optional<Fd>> DiskFileSystem::try_lock(const std::string& path) {
  auto fd = open_file(path, O_RDWR | O_CREAT);
  if (!fd) return fd.error();
  if (retry_interrupted([&] { return ::flock(fd->get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<Fd>();
    return errno_error("lock " + path, errno);
  }
  return std::optional<Fd>(std::move(*fd));
}

Result<std::string> read_file(FileSystem& files, const std::string& path, std::size_t most_bytes) {
  const auto file = files.open_read(path);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  if (*size > most_bytes) {
    return our_error(path + " must have at most " + std::to_string(most_bytes) + " bytes, has " +
                     std::to_string(*size));
  }
  std::string bytes(static_cast<std::size_t>(*size), '\0');
  const auto count = (*file)->read_at(0, bytes);
  if (!count) return count.error();
  bytes.resize(*count);
  return bytes;
}

Status replace_file(FileSystem& files, const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".new";
  if (const Status status = files.remove(fresh); !status) return status;
  {
    const auto file = files.create_append(fresh);
    if (!file) return file.error();
    if (const Status status = (*file)->append(bytes); !status) return status;
    if (const Status status = (*file)->sync(); !status) return status;
  }
  if (const Status status = files.rename(fresh, path); !status) return status;
  return files.sync_directory(directory_of(path));
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace albicilla
