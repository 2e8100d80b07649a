#include "common/io/segment_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace albicilla {

namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::size_t kNameDigits = 16;
constexpr std::string_view kSuffix = ".seg";

}  // namespace

std::string segment_name(SegmentNumber number) {
  std::array<char, kNameDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(number));
  return std::string(digits.data()) + std::string(kSuffix);
}

std::optional<SegmentNumber> segment_number(std::string_view name) {
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  SegmentNumber number = 0;
  const char* end = name.data() + kNameDigits;
  const auto parsed = std::from_chars(name.data(), end, number, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  if (segment_name(number) != name) return std::nullopt;  // upper case
  return number;
}

std::string segment_path(const std::string& directory, SegmentNumber number) {
  return directory + "/" + segment_name(number);
}

Result<std::vector<SegmentNumber>> list_segments(FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) return names.error();
  std::vector<SegmentNumber> numbers;
  for (const std::string& name : *names) {
    if (const auto number = segment_number(name)) numbers.push_back(*number);
  }
  return numbers;  // names come sorted, and so do their numbers
}

Result<std::unique_ptr<AppendFile>> create_segment(FileSystem& files, const std::string& directory,
                                                   SegmentNumber number,
                                                   std::uint64_t reserve_bytes) {
  const std::string path = segment_path(directory, number);
  auto file = files.create_append(path);
  if (!file) return file;
  Status status;
  if (reserve_bytes > 0) status = (*file)->reserve(reserve_bytes);
  if (status) status = files.sync_directory(directory);
  if (status) return file;
  if (const Status removed = files.remove(path); !removed) {
    return our_error(status.error().message + "; " + removed.error().message);
  }
  return status.error();
}

Result<SegmentReader> SegmentReader::open(FileSystem& files, const std::string& path) {
  auto file = files.open_read(path);
  if (!file) return file.error();
  return SegmentReader(std::move(*file));
}

Result<std::optional<EntryView>> SegmentReader::next() {
  while (end_ == SegmentEnd::not_yet) {
    const EntryParse parse = parse_entry(std::string_view(buffer_).substr(consumed_));
    if (parse.state == EntryState::whole) {
      consumed_ += parse.entry.frame_bytes;
      offset_ += parse.entry.frame_bytes;
      return std::optional(parse.entry);
    }
    if (parse.state == EntryState::bad) {
      end_ = SegmentEnd::bad;
      break;
    }
    const auto more = fill(parse.needed_bytes);
    if (!more) return more.error();
    if (!*more) end_ = buffer_.size() == consumed_ ? SegmentEnd::clean : SegmentEnd::cut;
  }
  return std::optional<EntryView>();
}

Result<bool> SegmentReader::fill(std::size_t wanted) {
  if (at_file_end_) return false;
  buffer_.erase(0, consumed_);
  consumed_ = 0;
  const std::size_t kept = buffer_.size();
  // A length that the file cannot hold must not make us take that much memory: read on by steps.
  const std::size_t step = std::min(std::max(wanted - kept, kReadBytes), 4 * kReadBytes);
  buffer_.resize(kept + step);
  const auto count = file_->read_at(offset_ + kept, std::span(buffer_).subspan(kept));
  if (!count) {
    buffer_.resize(kept);
    return count.error();
  }
  buffer_.resize(kept + *count);
  at_file_end_ = *count < step;
  return *count > 0;
}

Result<std::uint8_t> read_entry(const RandomFile& file, std::uint64_t offset,
                                std::string& payload) {
  // One read is enough for most; the longer ones say how much they need.
  std::string bytes(std::size_t{16} << 10, '\0');
  auto count = file.read_at(offset, bytes);
  if (!count) return count.error();
  EntryParse parse = parse_entry(std::string_view(bytes).substr(0, *count));
  if (parse.state == EntryState::cut && *count == bytes.size()) {
    bytes.resize(parse.needed_bytes);
    count = file.read_at(offset, bytes);
    if (!count) return count.error();
    parse = parse_entry(std::string_view(bytes).substr(0, *count));
  }
  if (parse.state != EntryState::whole) {
    return our_error("no whole entry at offset " + std::to_string(offset));
  }
  payload.assign(parse.entry.payload);
  return parse.entry.type;
}

}  // namespace albicilla
