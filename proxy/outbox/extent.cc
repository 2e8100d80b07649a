#include "proxy/outbox/extent.h"

#include <string_view>
#include <utility>

#include "common/io/entry.h"
#include "common/io/entry_repair.h"

namespace albicilla {

namespace {

constexpr std::uint8_t kExtentEntry = 1;
// The file never grows: one that did could lose its new length in a power cut and keep its new
// bytes, and then nobody could read it.
constexpr std::size_t kPlaceBytes = 64;
constexpr std::size_t kFileBytes = 2 * kPlaceBytes;

std::string extent_path(const std::string& directory) { return directory + "/extent"; }

// All numbers take eight bytes, so that every entry is as long as the one that it overwrites.
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kPayloadBytes = 4 * kNumberBytes;

std::string entry_of(const Extent& extent, std::uint64_t number) {
  std::string payload;
  for (const std::uint64_t value :
       {std::uint64_t{extent.segment}, extent.bytes, extent.dropped, number}) {
    for (std::size_t i = 0; i < kNumberBytes; ++i) {
      payload.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
    }
  }
  std::string bytes;
  append_entry(bytes, kExtentEntry, payload);
  return bytes;
}

std::uint64_t number_at(std::string_view payload, std::size_t index) {
  std::uint64_t value = 0;
  for (std::size_t i = kNumberBytes; i-- > 0;) {
    value = (value << 8) | static_cast<std::uint8_t>(payload[index * kNumberBytes + i]);
  }
  return value;
}

struct NumberedExtent {
  Extent extent;
  std::uint64_t number = 0;
};

std::optional<NumberedExtent> extent_in(std::string_view place) {
  static const std::size_t frame_bytes = entry_of({}, 0).size();
  std::string repaired;
  EntryParse parse = parse_entry(place.substr(0, frame_bytes));
  if (parse.state != EntryState::whole) {
    auto again =
        place.size() < frame_bytes ? std::nullopt : repair_frame(place.substr(0, frame_bytes));
    if (!again) return std::nullopt;
    repaired = std::move(*again);
    parse = parse_entry(repaired);
  }
  if (parse.state != EntryState::whole || parse.entry.type != kExtentEntry) return std::nullopt;
  const std::string_view payload = parse.entry.payload;
  if (payload.size() != kPayloadBytes) return std::nullopt;
  NumberedExtent read;
  read.extent.segment = static_cast<std::uint32_t>(number_at(payload, 0));
  read.extent.bytes = number_at(payload, 1);
  read.extent.dropped = number_at(payload, 2);
  read.number = number_at(payload, 3);
  return read;
}

}  // namespace

Result<ExtentFile> ExtentFile::open(FileSystem& files, const std::string& directory) {
  auto file = files.open_write(extent_path(directory));
  if (!file) return file.error();
  std::string place = entry_of({}, 0);
  place.resize(kPlaceBytes, '\0');
  // Takes the block that all later writes overwrite.
  if (const Status written = (*file)->write_at(0, place + place); !written) return written.error();
  return ExtentFile(std::move(*file));
}

Status ExtentFile::write(const Extent& extent) {
  ++writes_;
  return file_->write_at(writes_ % 2 * kPlaceBytes, entry_of(extent, writes_));
}

ExtentReading read_extent(FileSystem& files, const std::string& directory) {
  const auto bytes = read_file(files, extent_path(directory), kFileBytes);
  if (!bytes) return {std::nullopt, true};
  std::optional<NumberedExtent> newest;
  for (std::size_t at = 0; at < bytes->size(); at += kPlaceBytes) {
    const auto read = extent_in(std::string_view(*bytes).substr(at, kPlaceBytes));
    if (read && (!newest || read->number > newest->number)) newest = read;
  }
  ExtentReading reading;
  reading.is_damaged = !newest || bytes->size() != kFileBytes;
  if (newest) reading.extent = newest->extent;
  return reading;
}

Status clear_extent(FileSystem& files, const std::string& directory) {
  const auto facts = files.look(extent_path(directory));
  if (!facts) return facts.error();
  if (!facts->has_value()) return {};
  auto file = ExtentFile::open(files, directory);
  return file ? file->sync() : Status(file.error());
}

Status remove_extent(FileSystem& files, const std::string& directory) {
  return files.remove(extent_path(directory));
}

}  // namespace albicilla
