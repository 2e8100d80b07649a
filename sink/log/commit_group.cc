#include "sink/log/commit_group.h"

#include "common/base/bytes.h"
#include "common/base/crc32c.h"

namespace albicilla {

namespace {

constexpr std::uint32_t kGroupMark = 0x47434C41;    // "ALCG"
constexpr std::uint32_t kSegmentMark = 0x53434C41;  // "ALCS"
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kBehindCrc = 8;

}  // namespace

void seal_group(std::string& group, GroupHeader header) {
  header.length = group.size() - kGroupHeaderBytes;
  std::string fields;
  append_integer(fields, header.number);
  append_integer(fields, header.position.value);
  append_integer(fields, header.known_synced.value);
  append_integer(fields, header.length);
  group.replace(kBehindCrc, fields.size(), fields);
  std::string front;
  append_integer(front, kGroupMark);
  append_integer(front, crc32c(std::string_view(group).substr(kBehindCrc)));
  group.replace(0, front.size(), front);
}

GroupParse parse_group(std::string_view bytes) {
  GroupParse parse;
  ByteReader reader(bytes);
  const auto mark = reader.integer<std::uint32_t>();
  const auto crc = reader.integer<std::uint32_t>();
  parse.header.number = reader.integer<std::uint64_t>();
  parse.header.position = LogPosition{reader.integer<std::uint64_t>()};
  parse.header.known_synced = LogPosition{reader.integer<std::uint64_t>()};
  parse.header.length = reader.integer<std::uint64_t>();
  if (!reader.ok()) {
    parse.state = GroupState::cut;
    parse.needed = kGroupHeaderBytes;
    return parse;
  }
  if (mark != kGroupMark || parse.header.length > UINT64_MAX - kGroupHeaderBytes) return parse;
  parse.entries = reader.bytes(parse.header.length);
  if (!reader.ok()) {
    parse.state = GroupState::cut;
    parse.needed = kGroupHeaderBytes + parse.header.length;
    return parse;
  }
  const std::string_view guarded =
      bytes.substr(kBehindCrc, kGroupHeaderBytes - kBehindCrc + parse.header.length);
  if (crc32c(guarded) == crc) parse.state = GroupState::whole;
  return parse;
}

std::string encode(const SegmentHeader& header) {
  std::string fields;
  append_integer(fields, kFormatVersion);
  fields += header.sink.view();
  append_integer(fields, header.number);
  append_integer(fields, header.start.value);
  fields.resize(kSegmentHeaderBytes - kBehindCrc, '\0');
  std::string bytes;
  append_integer(bytes, kSegmentMark);
  append_integer(bytes, crc32c(fields));
  return bytes + fields;
}

Result<SegmentHeader> parse_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return our_error("its header is cut");
  bytes = bytes.substr(0, kSegmentHeaderBytes);
  ByteReader reader(bytes);
  const auto mark = reader.integer<std::uint32_t>();
  const auto crc = reader.integer<std::uint32_t>();
  if (mark != kSegmentMark || crc != crc32c(bytes.substr(kBehindCrc))) {
    return our_error("its header is damaged or it is no segment of a commit log");
  }
  const auto version = reader.integer<std::uint32_t>();
  if (version != kFormatVersion) {
    return our_error("its format version is " + std::to_string(version) + ", expected " +
                     std::to_string(kFormatVersion));
  }
  SegmentHeader header;
  header.sink = id_from_bytes<SinkId>(reader.bytes(16)).value_or(SinkId{});
  header.number = reader.integer<std::uint64_t>();
  header.start = LogPosition{reader.integer<std::uint64_t>()};
  return header;
}

}  // namespace albicilla
