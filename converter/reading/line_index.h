// Which lines of a group of log files belong to which session, so that sessions can be worked on
// one after another however their lines are mixed. Beyond a bound the list lies in temporary files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/hash_index.h"

namespace albicilla {

// Where a line stands.
struct LineRef {
  std::uint64_t offset = 0;  // of its first byte in the (decompressed) file
  std::uint64_t size = 0;    // without its newline
  std::uint64_t number = 0;  // from 1
  std::uint32_t file = 0;    // index in the list of log files
  std::uint32_t session = 0;
};

// First filled, then emptied. Belongs to one thread.
class LineIndex {
 public:
  static constexpr std::size_t kMostInMemory = std::size_t{1} << 16;

  // `folder` takes the temporary files, which have no names.
  explicit LineIndex(std::filesystem::path folder, std::size_t most_in_memory = kMostInMemory);
  LineIndex(const LineIndex&) = delete;
  LineIndex& operator=(const LineIndex&) = delete;
  ~LineIndex();
  void clear();

  // Lines come in the order of their files and places.
  Status add(std::string_view session, LineRef line);
  // Sorts; nothing is added any more.
  Status finish();
  // The lines of the next session, in their order; sessions come in the order of their first lines.
  // False when there is none left.
  Result<bool> next(std::vector<LineRef>& lines);

  std::uint32_t sessions() const { return sessions_; }

 private:
  Status spill();
  Status distribute();
  Status load(std::size_t bucket);

  std::filesystem::path folder_;
  std::size_t most_in_memory_;
  HashIndex known_;  // by session
  std::uint32_t sessions_ = 0;
  std::vector<LineRef> lines_;  // what lies in memory; sorted after finish()
  std::size_t at_ = 0;
  std::uint64_t spilled_ = 0;  // lines in the file
  int fd_ = -1;
  std::vector<int> buckets_;  // one file each: the lines of a range of sessions
  std::size_t next_bucket_ = 0;
};

}  // namespace albicilla
