// Reads the whole lines of a log file from an offset on, while somebody else appends to it. Never
// locks, never writes; a last line without its newline waits for the next time. Memory is one
// buffer, which grows to the longest line and shrinks again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/io/file.h"
#include "converter/reading/line_reader.h"

namespace albicilla::viewer {

// A longer line is passed over and reported.
inline constexpr std::size_t kMostLineBytes = std::size_t{1} << 30;

struct TailLine {
  std::string_view text;     // without the newline
  std::uint64_t offset = 0;  // of its first byte in the file
  std::uint64_t end = 0;     // where the next line begins
  bool too_long = false;     // then text is empty and offset is that of its last part
};

class TailReader {
 public:
  // Opens `path`, or its sealed form `path`.zst; offsets always count decompressed bytes. The
  // reader may be used for one file after the other and keeps its buffer.
  Status open(const std::filesystem::path& path, std::uint64_t offset);

  // nullopt when no further whole line is there. Texts are valid until the next call.
  Result<std::optional<TailLine>> next();
  // Puts all whole lines that are in hand behind `lines`, after reading on when there is none;
  // false when no further one is there.
  Result<bool> next_lines(std::vector<TailLine>& lines);
  // Where the first line begins that was not given out yet.
  std::uint64_t offset() const { return offset_; }

 private:
  Status skip_sealed(std::uint64_t bytes);
  // How many bytes came; 0 at the end of the file as it is now.
  Result<std::size_t> fill();
  std::optional<TailLine> find_line();

  Fd plain_;
  std::unique_ptr<ByteSource> sealed_;
  std::string name_;
  std::uint64_t offset_ = 0;  // of from_ in the file
  std::vector<char> buffer_;
  std::size_t from_ = 0;     // start of what has not been given out
  std::size_t to_ = 0;       // end of what has been read
  std::size_t scanned_ = 0;  // no newline between from_ and here
  bool skipping_ = false;    // inside a line that is too long
};

// The bytes [offset, offset + size) of a log file, plain or sealed.
Result<std::string> read_log_bytes(const std::filesystem::path& path, std::uint64_t offset,
                                   std::uint64_t size);

}  // namespace albicilla::viewer
