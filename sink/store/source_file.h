// The local file that a store is to hold: read by range, never as a whole in memory. Its size is
// taken once, so a file that still grows is uploaded up to where it was when it was opened.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

struct FileDigests {
  std::string md5;     // raw, 16 bytes
  std::string sha256;  // raw, 32 bytes
};

// Movable, not copied.
class SourceFile {
 public:
  static Result<SourceFile> open(FileSystem& files, const std::string& path);

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  // Exactly `size` bytes from `offset`; an error when the file has shrunk.
  Result<std::string> read(std::uint64_t offset, std::size_t size) const;
  // Of `size` bytes from `offset`, read in slices.
  Result<FileDigests> digests(std::uint64_t offset, std::uint64_t size) const;
  Result<FileDigests> digests() const { return digests(0, size_); }

 private:
  SourceFile(std::string path, std::unique_ptr<RandomFile> file, std::uint64_t size);

  std::string path_;
  std::unique_ptr<RandomFile> file_;
  std::uint64_t size_ = 0;
};

}  // namespace albicilla
