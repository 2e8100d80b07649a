// Makes a log file end where the commit log says it does. Bytes behind that are no line that was
// ever promised (a write before a power cut, a foreign hand); they are kept beside it, never read.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

struct FileTail {
  std::uint64_t size = 0;        // of the file now; below what was expected when bytes are missing
  std::uint64_t torn_bytes = 0;  // moved to `torn_file`
  std::string torn_file;         // "s.jsonl.torn-1"; empty when nothing was moved
};

// Moves what stands behind `expected` to `<path>.torn-N`. A file that is shorter (somebody cut or
// removed it) is left at the end of its last whole line, and what was behind that is moved too.
Result<FileTail> settle_tail(FileSystem& files, const std::string& path, std::uint64_t expected);

// Renames the whole file to `<path>.torn-N`; returns that name.
Result<std::string> put_aside(FileSystem& files, const std::string& path);

// For a replay, whose offsets are fixed: fills a file that ends before `size` with newlines, so
// that the lines behind stay readable. Returns how many bytes were missing.
Result<std::uint64_t> fill_missing(FileSystem& files, const std::string& path, std::uint64_t size);

}  // namespace albicilla
