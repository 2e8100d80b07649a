// A disk in memory that forgets what was not synced. Calls can be made to stop at the n-th one, as
// if the process had died in the middle of it, and then the power can be cut: of everything
// unsynced (pages, sizes, names) an arbitrary part is kept. What survives any of this is durable.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "common/io/file.h"

namespace albicilla::tests {

// Not thread safe.
class MemoryDisk final : public FileSystem {
 public:
  // The call after `calls` more ones that change anything fails, a write half done, and so does
  // every later one, until revive().
  void die_after(std::uint64_t calls) { calls_left_ = calls; }
  bool dead() const { return dead_; }
  std::uint64_t changes() const { return changes_; }
  void revive();
  // After it (and revive()) only what was synced is sure to be there.
  void cut_power(std::mt19937_64& random);
  // Bytes that files may take in all.
  void set_room(std::uint64_t bytes) { room_ = bytes; }

  // The content of a file, empty when there is none; sorted paths of all files.
  std::string content(const std::string& path) const;
  void put(const std::string& path, std::string bytes);
  std::vector<std::string> paths() const;

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
  friend class MemoryAppendFile;
  friend class MemoryRandomFile;
  struct Node {
    std::string bytes;    // as a reader sees them
    std::string durable;  // as of the last sync
    std::uint64_t reserved = 0;
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  // Counts a change; an error when it is the last one or comes after it. `dying` says whether it is
  // the last one, which may be half done.
  Status change(bool& dying);
  Status change();
  Status write(Node& node, std::uint64_t offset, std::string_view bytes);
  Status sync(Node& node);
  Status reserve(Node& node, std::uint64_t size);
  Status cut(Node& node, std::uint64_t size);
  std::uint64_t used() const;

  Names names_;
  Names durable_names_;
  std::set<std::string> directories_;
  std::uint64_t calls_left_ = UINT64_MAX;
  std::uint64_t changes_ = 0;
  std::uint64_t room_ = UINT64_MAX;
  bool dead_ = false;
};

}  // namespace albicilla::tests
