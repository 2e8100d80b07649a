// The operating system's files behind an interface, so that tests can make any call fail, tear or
// run out of room. The only place of the house that opens, writes, syncs and renames files.
// Files are made 0600 and directories 0700; every descriptor is close-on-exec.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace albicilla {

// Owns a descriptor. Closing one that is locked gives the lock back.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int descriptor) : descriptor_(descriptor) {}
  Fd(Fd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { close(); }

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }
  void close();

 private:
  int descriptor_ = -1;
};

// A file that only grows. One thread appends; sync() may run on another one meanwhile.
class AppendFile {
 public:
  virtual ~AppendFile() = default;

  // All pieces in this order, with as few writev calls as possible. After an error the bytes behind
  // size() are unknown: cut() them off or leave the file.
  virtual Status append(std::span<const std::string_view> pieces) = 0;
  Status append(std::string_view bytes) { return append(std::span(&bytes, 1)); }
  // fdatasync. After an error nothing that was written since the last good sync may be trusted, and
  // asking again proves nothing: the kernel forgets the failure.
  virtual Status sync() = 0;
  // Takes disk blocks for bytes up to `size` ahead (fallocate), without changing size(): writes up
  // to there cannot run out of room.
  virtual Status reserve(std::uint64_t size) = 0;
  // Removes everything behind `size`, reserved blocks too.
  virtual Status cut(std::uint64_t size) = 0;
  // Bytes that were in the file when it was opened and all that were appended since.
  virtual std::uint64_t size() const = 0;
};

// A file read and written at offsets. Calls on different ranges may run on different threads.
class RandomFile {
 public:
  virtual ~RandomFile() = default;

  // Fills `buffer` from `offset` on; fewer bytes than asked for only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const = 0;
  virtual Status write_at(std::uint64_t offset, std::string_view bytes) = 0;
  virtual Status cut(std::uint64_t size) = 0;
  virtual Status sync() = 0;
  virtual Result<std::uint64_t> size() const = 0;
};

// What exists at a path.
struct FileFacts {
  std::uint64_t bytes = 0;
  std::uint64_t allocated_bytes = 0;  // disk blocks taken, reserved ones too
  bool directory = false;
  std::uint64_t device = 0;  // two paths of one file system have the same
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;  // since 1970
  bool operator==(const FileFacts&) const = default;
};

// Thread safe. Paths are taken as they are; nothing is created on the way unless the name says so.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // A new, empty file; an error when there is one already.
  virtual Result<std::unique_ptr<AppendFile>> create_append(const std::string& path) = 0;
  virtual Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) = 0;
  virtual Result<std::unique_ptr<RandomFile>> open_read(const std::string& path) = 0;
  // Makes the file when there is none.
  virtual Result<std::unique_ptr<RandomFile>> open_write(const std::string& path) = 0;

  // Replaces what stands at `to`.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // Succeeds when there is nothing to remove. remove_directory wants an empty one.
  virtual Status remove(const std::string& path) = 0;
  virtual Status remove_directory(const std::string& path) = 0;
  // Makes all missing ones, durably.
  virtual Status make_directories(const std::string& path) = 0;
  // Makes created, renamed and removed names of this directory durable.
  virtual Status sync_directory(const std::string& path) = 0;
  // syncfs: everything written on the file system that holds `path`.
  virtual Status sync_file_system(const std::string& path) = 0;

  // Names in the directory, sorted; without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  // nullopt when there is nothing.
  virtual Result<std::optional<FileFacts>> look(const std::string& path) = 0;
  // An exclusive flock on the file, which is made when missing; nullopt when another open file
  // holds it. The lock lives as long as the descriptor.
  virtual Result<std::optional<Fd>> try_lock(const std::string& path) = 0;
};

// The real one.
class DiskFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<AppendFile>> create_append(const std::string& path) override;
  Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) override;
  Result<std::unique_ptr<RandomFile>> open_read(const std::string& path) override;
  Result<std::unique_ptr<RandomFile>> open_write(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status make_directories(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status sync_file_system(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::optional<FileFacts>> look(const std::string& path) override;
  Result<std::optional<Fd>> try_lock(const std::string& path) override;
};

// Everything up to `most_bytes`; a longer file is an error.
Result<std::string> read_file(FileSystem& files, const std::string& path, std::size_t most_bytes);
// Either the old or the new content is there after any crash: a new file beside it, synced, renamed
// over it, the directory synced.
Status replace_file(FileSystem& files, const std::string& path, std::string_view bytes);

// "a/b" of "a/b/c"; "." when there is no slash.
std::string directory_of(const std::string& path);

}  // namespace albicilla
