// Numbered segment files of framed entries (common/io/entry.h) in one directory: what the spool and
// the sink's commit log are made of. A segment is appended to by one writer and read front to back;
// a reader stops at the first bad entry and says where, and what to do about it is its owner's
// rule.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/io/entry.h"
#include "common/io/file.h"

namespace albicilla {

// Number of a segment within its directory; grows with age, never used twice.
using SegmentNumber = std::uint64_t;

// "0000000000000001.seg": sixteen hex digits, so that names sort by number.
std::string segment_name(SegmentNumber number);
std::optional<SegmentNumber> segment_number(std::string_view name);
std::string segment_path(const std::string& directory, SegmentNumber number);

// All segments in the directory, oldest first; other files are not its business.
Result<std::vector<SegmentNumber>> list_segments(FileSystem& files, const std::string& directory);

// Makes the segment with room for `reserve_bytes` and syncs the directory, so that the name is
// there before the first entry counts. When that fails nothing is left behind.
Result<std::unique_ptr<AppendFile>> create_segment(FileSystem& files, const std::string& directory,
                                                   SegmentNumber number,
                                                   std::uint64_t reserve_bytes);

// Why a reader ended.
enum class SegmentEnd {
  not_yet,
  clean,  // the file ends with the last entry
  cut,    // the file ends inside an entry: a write that was never finished
  bad,    // an entry with an impossible length or a wrong crc
};

// Reads one segment front to back in constant memory (one entry). Not thread safe.
class SegmentReader {
 public:
  static Result<SegmentReader> open(FileSystem& files, const std::string& path);
  explicit SegmentReader(std::unique_ptr<RandomFile> file, std::uint64_t offset = 0)
      : file_(std::move(file)), offset_(offset) {}

  // The next entry, or nullopt at the end, whose kind end() says. The view lives until the next
  // call. An error is the disk's, not the entry's.
  Result<std::optional<EntryView>> next();

  SegmentEnd end() const { return end_; }
  // Where the entry that next() returns next starts; after the end: where the good bytes end.
  std::uint64_t offset() const { return offset_; }

 private:
  Result<bool> fill(std::size_t wanted);

  std::unique_ptr<RandomFile> file_;
  std::uint64_t offset_;
  std::string buffer_;        // bytes of the file from offset_ - consumed_ on
  std::size_t consumed_ = 0;  // of the buffer
  bool at_file_end_ = false;
  SegmentEnd end_ = SegmentEnd::not_yet;
};

// The entry that starts at `offset`, its payload copied into `payload`; returns its type. An error
// also when what stands there is not a whole, good entry.
Result<std::uint8_t> read_entry(const RandomFile& file, std::uint64_t offset, std::string& payload);

}  // namespace albicilla
