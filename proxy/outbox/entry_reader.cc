#include "proxy/outbox/entry_reader.h"

#include <utility>

#include "common/io/entry_repair.h"
#include "common/io/segment_log.h"

namespace albicilla {

Result<std::string_view> EntryReader::frame(const EntryPlace& place) {
  if (recent_.holds(place)) return recent_.frame_at(place);
  recent_ = generation_.recent.find(place);
  if (recent_.batch) return recent_.frame_at(place);
  if (!file_ || file_segment_ != place.segment) {
    auto file = files_.open_read(segment_path(generation_.directory, place.segment));
    if (!file) return file.error();
    file_ = std::move(*file);
    file_segment_ = place.segment;
  }
  buffer_.resize(place.bytes);
  const auto count = file_->read_at(place.offset, buffer_);
  if (!count) return count.error();
  return std::string_view(buffer_).substr(0, *count);
}

Result<EntryView> EntryReader::read(const EntryPlace& place) {
  const auto bytes = frame(place);
  if (!bytes) return bytes.error();
  EntryParse parse = parse_entry(*bytes);
  if (parse.state != EntryState::whole || parse.entry.frame_bytes != place.bytes) {
    auto repaired = bytes->size() == place.bytes ? repair_frame(*bytes) : std::nullopt;
    if (repaired) {
      buffer_ = std::move(*repaired);
      parse = parse_entry(buffer_);
    }
  }
  if (parse.state != EntryState::whole || parse.entry.frame_bytes != place.bytes) {
    return our_error(segment_path(generation_.directory, place.segment) +
                     ": no whole entry at offset " + std::to_string(place.offset));
  }
  return parse.entry;
}

}  // namespace albicilla
