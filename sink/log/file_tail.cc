#include "sink/log/file_tail.h"

#include <algorithm>

namespace albicilla {

namespace {

constexpr std::uint64_t kStep = std::uint64_t{1} << 20;

Result<std::uint64_t> size_of(FileSystem& files, const std::string& path) {
  const auto facts = files.look(path);
  if (!facts) return facts.error();
  return *facts ? (*facts)->bytes : 0;
}

// Where the last whole line of the first `size` bytes ends.
Result<std::uint64_t> end_of_last_line(const RandomFile& file, std::uint64_t size) {
  std::string buffer;
  while (size > 0) {
    const std::uint64_t start = size - std::min(size, kStep);
    buffer.resize(size - start);
    const auto count = file.read_at(start, buffer);
    if (!count) return count.error();
    const std::size_t newline = std::string_view(buffer).substr(0, *count).rfind('\n');
    if (newline != std::string_view::npos) return start + newline + 1;
    size = start;
  }
  return size;
}

Result<std::string> free_torn_name(FileSystem& files, const std::string& path) {
  for (std::uint64_t number = 1;; ++number) {
    std::string name = path + ".torn-" + std::to_string(number);
    const auto facts = files.look(name);
    if (!facts) return facts.error();
    if (!*facts) return name;
  }
}

Status copy_range(const RandomFile& from, std::uint64_t start, std::uint64_t end, AppendFile& to) {
  std::string buffer;
  while (start < end) {
    buffer.resize(std::min(end - start, kStep));
    const auto count = from.read_at(start, buffer);
    if (!count) return count.error();
    if (*count == 0) break;
    const Status appended = to.append(std::string_view(buffer).substr(0, *count));
    if (!appended) return appended;
    start += *count;
  }
  return to.sync();
}

}  // namespace

Result<FileTail> settle_tail(FileSystem& files, const std::string& path, std::uint64_t expected) {
  const auto size = size_of(files, path);
  if (!size) return size.error();
  FileTail tail{*size, 0, {}};
  if (*size == expected || *size == 0) return tail;
  const auto file = files.open_write(path);
  if (!file) return file.error();
  tail.size = expected;
  if (*size < expected) {
    const auto whole = end_of_last_line(**file, *size);
    if (!whole) return whole.error();
    tail.size = *whole;
    if (tail.size == *size) return tail;
  }
  const auto name = free_torn_name(files, path);
  if (!name) return name.error();
  const auto torn = files.create_append(*name);
  if (!torn) return torn.error();
  if (const Status copied = copy_range(**file, tail.size, *size, **torn); !copied) {
    return copied.error();
  }
  if (const Status cut = (*file)->cut(tail.size); !cut) return cut.error();
  tail.torn_bytes = *size - tail.size;
  tail.torn_file = *name;
  return tail;
}

Result<std::string> put_aside(FileSystem& files, const std::string& path) {
  auto name = free_torn_name(files, path);
  if (!name) return name;
  if (const Status moved = files.rename(path, *name); !moved) return moved.error();
  if (const Status named = files.sync_directory(directory_of(path)); !named) return named.error();
  return name;
}

Result<std::uint64_t> fill_missing(FileSystem& files, const std::string& path, std::uint64_t size) {
  const auto found = size_of(files, path);
  if (!found) return found.error();
  if (*found >= size) return std::uint64_t{0};
  if (const Status made = files.make_directories(directory_of(path)); !made) return made.error();
  const auto file = files.open_write(path);
  if (!file) return file.error();
  const std::string newlines(std::min(size - *found, kStep), '\n');
  for (std::uint64_t at = *found; at < size; at += kStep) {
    const Status written =
        (*file)->write_at(at, std::string_view(newlines).substr(0, std::min(size - at, kStep)));
    if (!written) return written.error();
  }
  return size - *found;
}

}  // namespace albicilla
