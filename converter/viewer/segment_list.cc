#include "converter/viewer/segment_list.h"

#include <algorithm>
#include <set>

#include "converter/viewer/varint.h"

namespace albicilla::viewer {
namespace {

constexpr std::size_t kCookieBytes = 4;
constexpr std::uint32_t kMostSegments = 2000;
constexpr std::uint64_t kMostLevels = 64;

// False at the end of the record and for numbers that no list has.
bool take(std::string_view& record, std::uint32_t& into) {
  const auto number = take_varint(record);
  if (!number || *number > UINT32_MAX) return false;
  into = static_cast<std::uint32_t>(*number);
  return true;
}

bool take_level(std::string_view& record, SegmentList::Level& level) {
  std::uint32_t count = 0;
  if (!take(record, level.merging) || !take(record, count) || count > kMostSegments) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    SegmentList::Segment segment;
    if (!take(record, segment.id) || !take(record, segment.first_page) ||
        !take(record, segment.last_page)) {
      return false;
    }
    level.segments.push_back(segment);
  }
  return level.merging <= count;
}

}  // namespace

Result<SegmentList> SegmentList::parse(std::string_view record) {
  const Error malformed = our_error("index: the list of its segments cannot be read");
  SegmentList list;
  list.cookie = record.substr(0, kCookieBytes);
  record.remove_prefix(list.cookie.size());
  const auto levels = take_varint(record);
  const auto segments = take_varint(record);
  const auto leaves = take_varint(record);
  if (!levels || !segments || !leaves || *levels > kMostLevels) return malformed;
  list.leaves_written = *leaves;
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < *levels; ++i) {
    if (!take_level(record, list.levels.emplace_back())) return malformed;
    found += list.levels.back().segments.size();
  }
  if (found != *segments || !record.empty()) return malformed;
  return list;
}

std::string SegmentList::record() const {
  std::size_t count = 0;
  for (const Level& level : levels) count += level.segments.size();
  std::string record = cookie;
  put_varint(record, levels.size());
  put_varint(record, count);
  put_varint(record, leaves_written);
  for (const Level& level : levels) {
    put_varint(record, level.merging);
    put_varint(record, level.segments.size());
    for (const Segment& segment : level.segments) {
      put_varint(record, segment.id);
      put_varint(record, segment.first_page);
      put_varint(record, segment.last_page);
    }
  }
  return record;
}

Result<std::uint32_t> SegmentList::free_id() const {
  std::set<std::uint32_t> taken;
  for (const Level& level : levels) {
    for (const Segment& segment : level.segments) taken.insert(segment.id);
  }
  std::uint32_t id = 1;
  while (taken.count(id) > 0) ++id;
  if (id > kMostSegments) return our_error("index: too many segments");
  return id;
}

void SegmentList::add(std::uint32_t id, std::uint32_t pages) {
  if (levels.empty()) levels.emplace_back();
  levels.front().segments.push_back({id, 1, pages});
  leaves_written += pages;
}

bool SegmentList::wants_merge(std::size_t most) const {
  return std::any_of(levels.begin(), levels.end(), [&](const Level& level) {
    return level.merging > 0 || level.segments.size() >= most;
  });
}

}  // namespace albicilla::viewer
