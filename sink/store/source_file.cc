#include "sink/store/source_file.h"

#include <algorithm>
#include <span>
#include <utility>

#include "sink/store/checksum.h"

namespace albicilla {

namespace {
constexpr std::uint64_t kSlice = 256 * 1024;
}

Result<SourceFile> SourceFile::open(FileSystem& files, const std::string& path) {
  auto file = files.open_read(path);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  return SourceFile(path, *std::move(file), *size);
}

SourceFile::SourceFile(std::string path, std::unique_ptr<RandomFile> file, std::uint64_t size)
    : path_(std::move(path)), file_(std::move(file)), size_(size) {}

Result<std::string> SourceFile::read(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  const auto got = file_->read_at(offset, std::span(bytes));
  if (!got) return got.error();
  if (*got != size) return our_error(path_ + ": shorter than when it was opened");
  return bytes;
}

Result<FileDigests> SourceFile::digests(std::uint64_t offset, std::uint64_t size) const {
  Checksum md5_digest(ChecksumKind::md5);
  Checksum sha256_digest(ChecksumKind::sha256);
  for (std::uint64_t done = 0; done < size;) {
    const auto slice = static_cast<std::size_t>(std::min(kSlice, size - done));
    auto bytes = read(offset + done, slice);
    if (!bytes) return bytes.error();
    md5_digest.add(*bytes);
    sha256_digest.add(*bytes);
    done += slice;
  }
  return FileDigests{md5_digest.finish(), sha256_digest.finish()};
}

}  // namespace albicilla
