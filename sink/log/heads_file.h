// Heads of log files on disk, sorted by name: what changed between two checkpoints, or everything.
// A checkpoint names one full file and the changes after it, so that a day of a million sessions is
// not written anew each minute; reading and merging take constant memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/base/result.h"
#include "common/io/file.h"
#include "common/io/segment_log.h"
#include "sink/log/file_table.h"

namespace albicilla {

// Names must come in ascending order, each once.
class HeadsWriter {
 public:
  static Result<HeadsWriter> create(FileSystem& files, const std::string& path);

  Status add(std::string_view file, const FileHead& head);
  // Ends and syncs the file; without it the file is not whole. Returns its size.
  Result<std::uint64_t> finish();

 private:
  explicit HeadsWriter(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}
  Status write_block();

  std::unique_ptr<AppendFile> file_;
  std::string block_;
  std::uint64_t count_ = 0;
};

class HeadsReader {
 public:
  static Result<HeadsReader> open(FileSystem& files, const std::string& path);

  // nullopt behind the last one; an error when the file is not whole.
  Result<std::optional<NamedHead>> next();

 private:
  explicit HeadsReader(SegmentReader reader, std::string path)
      : reader_(std::move(reader)), path_(std::move(path)) {}

  SegmentReader reader_;
  std::string path_;
  std::string block_;
  std::size_t at_ = 0;
  std::uint64_t count_ = 0;
  bool ended_ = false;
};

// Every file's latest head, in ascending order of names; `paths` go from old to new.
Status merge_heads(FileSystem& files, std::span<const std::string> paths,
                   const std::function<Status(const NamedHead&)>& visit);

}  // namespace albicilla
