// One file of a sealed day, plain or packed: read line by line, or replaced as a whole. Readers see
// either the old file or the new one, whatever happens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/packed_stream.h"

namespace albicilla {

inline constexpr std::string_view kPackedSuffix = ".zst";

// In constant memory but for the longest line.
class SealedReader {
 public:
  static Result<SealedReader> open(FileSystem& files, const std::string& path);

  // The next line with its newline; nullopt at the end. The view lives until the next call.
  Result<std::optional<std::string_view>> next();

 private:
  explicit SealedReader(std::unique_ptr<RandomFile> plain) : source_(std::move(plain)) {}
  explicit SealedReader(PackedReader packed) : source_(std::move(packed)) {}
  Result<std::size_t> read(std::span<char> buffer);

  std::variant<std::unique_ptr<RandomFile>, PackedReader> source_;
  std::uint64_t offset_ = 0;  // plain
  std::string buffer_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

class SealedReplacement {
 public:
  // Beside the file, under another name.
  static Result<SealedReplacement> begin(FileSystem& files, const std::string& path);

  Status write(std::string_view bytes);
  // Makes it durable and puts it in the file's place.
  Status finish();

 private:
  SealedReplacement(FileSystem& files, std::string path) : files_(&files), path_(std::move(path)) {}

  FileSystem* files_;
  std::string path_;
  std::unique_ptr<AppendFile> file_;
  std::optional<PackedWriter> packed_;
  std::string waiting_;  // plain bytes, written in larger steps
};

// Calls for every log file below a day's directory, plain or packed, by its name relative to the
// log root; until `visit` says to stop.
enum class Walk { go_on, stop };
Status walk_day(FileSystem& files, const std::string& log_root, const std::string& day,
                const std::function<Result<Walk>(const std::string& file)>& visit);

// "2026-01-13/s.jsonl" of "2026-01-13/s.jsonl.zst".
std::string_view plain_name(std::string_view file);

}  // namespace albicilla
