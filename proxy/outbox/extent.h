// How far a generation has been written: a few bytes beside its segments, overwritten after each
// write (with policy.synced: after each sync). What is missing or unreadable before it had been
// promised and is damage; what stands behind it was never promised to anybody. It is made before
// the first segment and goes after the last, so that its own loss is seen too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

struct Extent {
  std::uint32_t segment = 0;  // 0: nothing yet
  std::uint64_t bytes = 0;    // of that segment
  std::uint64_t dropped = 0;  // exchanges whose entries found no room until the worker's end
  bool operator==(const Extent&) const = default;
};

// One thread.
class ExtentFile {
 public:
  // Makes the file in the generation's directory, or takes the one that is there; it then says that
  // nothing was promised.
  static Result<ExtentFile> open(FileSystem& files, const std::string& directory);

  // In turns into two places, so that a write that is torn leaves the one before it.
  Status write(const Extent& extent);
  Status sync() { return file_->sync(); }

 private:
  explicit ExtentFile(std::unique_ptr<RandomFile> file) : file_(std::move(file)) {}
  std::unique_ptr<RandomFile> file_;
  std::uint64_t writes_ = 0;
};

struct ExtentReading {
  std::optional<Extent> extent;  // the newest that can be read
  // The file has lost bytes, is gone or says nothing: where a segment stands, more may have been
  // written than is there.
  bool is_damaged = false;
};

// One flipped bit is put right.
ExtentReading read_extent(FileSystem& files, const std::string& directory);
// Promises nothing any more, durably, before the segments go; a file that is gone stays away.
Status clear_extent(FileSystem& files, const std::string& directory);
Status remove_extent(FileSystem& files, const std::string& directory);

}  // namespace albicilla
