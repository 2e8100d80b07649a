#include "proxy/outbox/extent.h"

#include <utility>

#include "common/io/entry.h"
#include "common/record/payload.h"

namespace albicilla {

namespace {

constexpr std::uint8_t kExtentEntry = 1;
constexpr std::size_t kMostExtentBytes = 4096;
// Every write is as long as the first, which is synced: a file that grew could lose its new length
// in a power cut and keep its new bytes, and then nobody could read it.
constexpr std::size_t kExtentBytes = 64;

std::string extent_path(const std::string& directory) { return directory + "/extent"; }

}  // namespace

Result<ExtentFile> ExtentFile::open(FileSystem& files, const std::string& directory) {
  auto file = files.open_write(extent_path(directory));
  if (!file) return file.error();
  return ExtentFile(std::move(*file));
}

Status ExtentFile::write(const Extent& extent) {
  std::string bytes;
  const std::size_t start = begin_entry(bytes, kExtentEntry);
  PayloadWriter payload(bytes);
  payload.number(extent.segment);
  payload.number(extent.bytes);
  payload.number(extent.dropped);
  end_entry(bytes, start);
  bytes.resize(kExtentBytes, '\0');
  return file_->write_at(0, bytes);
}

std::optional<Extent> read_extent(FileSystem& files, const std::string& directory) {
  const auto bytes = read_file(files, extent_path(directory), kMostExtentBytes);
  if (!bytes) return std::nullopt;
  const EntryParse parse = parse_entry(*bytes);
  if (parse.state != EntryState::whole || parse.entry.type != kExtentEntry) return std::nullopt;
  PayloadReader payload(parse.entry.payload);
  Extent extent;
  extent.segment = payload.number<std::uint32_t>();
  extent.bytes = payload.number<std::uint64_t>();
  extent.dropped = payload.number<std::uint64_t>();
  if (!payload.complete()) return std::nullopt;
  return extent;
}

Status remove_extent(FileSystem& files, const std::string& directory) {
  return files.remove(extent_path(directory));
}

}  // namespace albicilla
