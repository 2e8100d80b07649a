// Cuts a stream of bytes into lines. Memory is one buffer, which grows to the longest line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace albicilla {

// Where bytes come from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // How many bytes were put into `into`; 0 at the end.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
};

// A plain file, read from its start.
Result<std::unique_ptr<ByteSource>> open_file(const std::filesystem::path& path);

struct Line {
  std::string_view text;     // without its newline; valid until the next call of next()
  std::uint64_t number = 0;  // from 1
  std::uint64_t offset = 0;  // of its first byte in the (decompressed) stream
  bool whole = true;         // false: the last line of a file and no newline behind it
};

class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source);

  // nullopt at the end.
  Result<std::optional<Line>> next();

 private:
  Status fill();

  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  std::size_t from_ = 0;      // start of what has not been given out
  std::size_t to_ = 0;        // end of what has been read
  std::size_t scanned_ = 0;   // no newline between from_ and here
  std::uint64_t offset_ = 0;  // of from_ in the stream
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace albicilla
