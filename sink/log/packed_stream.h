// zstd streams, written and read piece by piece. The only file of the sink that knows the library.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

class PackedWriter {
 public:
  // `to` outlives it.
  explicit PackedWriter(AppendFile& to);
  PackedWriter(PackedWriter&&) noexcept;
  PackedWriter& operator=(PackedWriter&&) noexcept;
  ~PackedWriter();

  Status write(std::string_view bytes);
  // The end of the frame; without it the file is not whole.
  Status finish();

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  AppendFile* to_;
};

class PackedReader {
 public:
  explicit PackedReader(std::unique_ptr<RandomFile> from);
  PackedReader(PackedReader&&) noexcept;
  PackedReader& operator=(PackedReader&&) noexcept;
  ~PackedReader();

  // As many bytes as fit; none only at the end. An error for what is no whole zstd file.
  Result<std::size_t> read(std::span<char> buffer);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace albicilla
