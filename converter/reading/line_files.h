// Gives out lines of log files by their places: files that are packed are unpacked into a temporary
// file first. Reads ahead where lines follow one another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/byte_source.h"
#include "converter/reading/line_index.h"
#include "converter/reading/log_files.h"

namespace albicilla {

// Belongs to one thread.
class LineFiles {
 public:
  explicit LineFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  LineFiles(const LineFiles&) = delete;
  LineFiles& operator=(const LineFiles&) = delete;
  ~LineFiles() { clear(); }
  void clear();

  // The file's bytes for reading them through once; keeps what line() will need.
  Result<std::unique_ptr<ByteSource>> open(const std::vector<LogFile>& files, std::uint32_t file);
  // An error when what line() will need could not be kept (a full disk).
  const Status& kept() const { return kept_; }
  // The line's text, valid until the next call.
  Result<std::string_view> line(const std::vector<LogFile>& files, const LineRef& line);

 private:
  class Keeping;

  Status change_file(const std::vector<LogFile>& files, std::uint32_t file);
  Status fill(std::uint64_t from, std::size_t size, bool follows);

  std::filesystem::path folder_;
  int unpacked_ = -1;
  std::uint64_t unpacked_size_ = 0;
  Status kept_;
  std::unordered_map<std::uint32_t, std::uint64_t> starts_;  // of packed files in `unpacked_`

  int fd_ = -1;
  std::uint32_t file_ = 0;
  std::uint64_t start_ = 0;  // of the file's first byte in `fd_`
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::uint64_t from_ = 0;  // the buffer's first byte in the file
  std::size_t size_ = 0;
};

}  // namespace albicilla
