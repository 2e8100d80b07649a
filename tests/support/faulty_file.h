// A file system over a real one whose calls fail, tear, fill up or stall when a test says so.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "common/io/file.h"

namespace albicilla::tests {

enum class FileCall : std::uint8_t {
  open,    // create_append, open_append, open_read, open_write
  append,  // also write_at
  sync,
  reserve,
  cut,
  read,
  rename,
  remove,
  sync_directory,
  count_,
};

// Thread safe. Everything that is not told to fail goes to the file system below.
class FaultyFileSystem final : public FileSystem {
 public:
  explicit FaultyFileSystem(FileSystem& below) : below_(below) {}

  // After `good_calls` more calls of this kind, `failures` of them return errno_value.
  void fail(FileCall call, int errno_value, std::uint64_t good_calls = 0,
            std::uint64_t failures = UINT64_MAX);
  // Appends and reserves take this many bytes in all, then ENOSPC; the last one is written in part.
  void set_room(std::uint64_t bytes);
  void end_faults();
  // Calls of this kind wait from now on, until release().
  void hold(FileCall call);
  void release();
  std::uint64_t calls(FileCall call) const;

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

 private:
  friend class FaultyAppendFile;
  friend class FaultyRandomFile;

  struct Fault {
    int errno_value = 0;
    std::uint64_t good_calls = 0;
    std::uint64_t failures = 0;
    std::uint64_t calls = 0;
    bool held = false;
  };

  Fault& fault(FileCall call) { return faults_[static_cast<std::size_t>(call)]; }
  // Counts the call, waits while it is held, says whether it may go on.
  Status enter(FileCall call, const char* what);
  // How many of the bytes still have room; takes them.
  std::uint64_t take_room(std::uint64_t bytes);

  FileSystem& below_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Fault, static_cast<std::size_t>(FileCall::count_)> faults_;
  std::uint64_t room_ = UINT64_MAX;
};

}  // namespace albicilla::tests
