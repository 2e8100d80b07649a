// A file that appears whole or not at all: written beside its place, then renamed. Plain, .zst or
// .gz; the compressors stay behind output_file.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

enum class Compression : std::uint8_t { none, zstd, gzip };
std::string_view file_ending(Compression compression);  // "", ".zst", ".gz"

// Not thread safe. Without commit() nothing appears and what was written is removed.
class OutputFile {
 public:
  // Makes the folders that are missing.
  static Result<std::unique_ptr<OutputFile>> create(const std::filesystem::path& path,
                                                    Compression compression = Compression::none);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  Status write(std::string_view bytes);
  // The same with a newline behind it.
  Status write_line(std::string_view text);
  // Everything is on its way to the disk; only commit() may follow.
  Status close();
  Status commit();

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t bytes_on_disk() const { return offset_ + buffer_.size(); }

 private:
  class Compressor;
  class Zstd;
  class Gzip;
  OutputFile(std::filesystem::path path, int fd, std::unique_ptr<Compressor> compressor);

  // The first `size` bytes of the buffer.
  Status flush(std::size_t size);
  Status flush_blocks();
  void reserve(std::uint64_t size);

  std::filesystem::path path_;
  std::filesystem::path part_;
  int fd_;
  std::unique_ptr<Compressor> compressor_;
  std::string buffer_;        // what goes to the disk next
  std::uint64_t offset_ = 0;  // of the buffer in the file
  std::uint64_t reserved_ = 0;
  bool committed_ = false;
};

}  // namespace albicilla
