#include "sink/log/commit_scan.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "common/io/segment_log.h"

namespace albicilla {

namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

struct Segment {
  std::string path;
  SegmentHeader header;
};

std::string place(const Segment& segment, std::uint64_t offset) {
  return "commit log " + segment.path + " at byte " + std::to_string(offset);
}

Result<std::vector<Segment>> list_log(FileSystem& files, const std::string& directory,
                                      const SinkId& sink) {
  const auto numbers = list_segments(files, directory);
  if (!numbers) return numbers.error();
  std::vector<Segment> segments;
  for (const SegmentNumber number : *numbers) {
    Segment segment{segment_path(directory, number), {}};
    const auto file = files.open_read(segment.path);
    if (!file) return file.error();
    std::string bytes(kSegmentHeaderBytes, '\0');
    const auto count = (*file)->read_at(0, bytes);
    if (!count) return count.error();
    const auto header = parse_segment_header(std::string_view(bytes).substr(0, *count));
    if (!header) return our_error("commit log " + segment.path + ": " + header.error().message);
    if (header->sink != sink || header->number != number ||
        (!segments.empty() && header->start < segments.back().header.start)) {
      return our_error("commit log " + segment.path + ": it belongs to another log");
    }
    segment.header = *header;
    segments.push_back(std::move(segment));
  }
  return segments;
}

// Reads one segment's groups from `offset` on, one group in memory.
class GroupReader {
 public:
  GroupReader(std::unique_ptr<RandomFile> file, std::uint64_t offset)
      : file_(std::move(file)), offset_(offset) {}

  // Whole, or what the file holds instead; `cut` with nothing behind offset() is its clean end.
  Result<GroupParse> next() {
    while (true) {
      const GroupParse parse = parse_group(std::string_view(buffer_).substr(consumed_));
      if (parse.state != GroupState::cut) return parse;
      const auto more = fill(parse.needed);
      if (!more) return more.error();
      if (!*more) return parse;
    }
  }
  void pass(std::uint64_t bytes) {
    consumed_ += bytes;
    offset_ += bytes;
  }

  std::uint64_t offset() const { return offset_; }
  std::string_view rest() const { return std::string_view(buffer_).substr(consumed_); }
  // All that the file holds behind offset().
  Status read_rest() {
    while (true) {
      const auto more = fill(rest().size() + kReadBytes);
      if (!more) return more.error();
      if (!*more) return {};
    }
  }

 private:
  Result<bool> fill(std::uint64_t wanted) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
    const std::size_t kept = buffer_.size();
    // A damaged length must not take that much memory: read on by steps.
    const std::size_t step = std::clamp<std::uint64_t>(wanted - kept, kReadBytes, 16 * kReadBytes);
    buffer_.resize(kept + step);
    const auto count = file_->read_at(offset_ + kept, std::span(buffer_).subspan(kept));
    buffer_.resize(kept + (count ? *count : 0));
    if (!count) return count.error();
    return *count > 0;
  }

  std::unique_ptr<RandomFile> file_;
  std::uint64_t offset_;
  std::string buffer_;
  std::size_t consumed_ = 0;
};

// Whether a later group says that the log was synced beyond the place where reading stopped.
bool later_group_disagrees(std::string_view rest, LogPosition stop) {
  for (std::size_t at = 1; at < rest.size(); ++at) {
    at = rest.find("ALCG", at);
    if (at == std::string_view::npos) return false;
    const GroupParse parse = parse_group(rest.substr(at));
    if (parse.state == GroupState::whole && parse.header.position > stop &&
        parse.header.known_synced > stop) {
      return true;
    }
  }
  return false;
}

class Scan {
 public:
  Scan(FileSystem& files, ScanFrom from, const VisitGroup& visit) : files_(files), visit_(visit) {
    end_.end = from.position;
    end_.known_synced = from.position;
    end_.next_group = from.group;
  }

  // Groups of one segment up to `limit`, the next segment's start.
  Status read(const Segment& segment, LogPosition limit, bool is_last) {
    auto file = files_.open_read(segment.path);
    if (!file) return file.error();
    end_.known_synced = std::max(end_.known_synced, segment.header.start);
    const std::uint64_t skipped = end_.end.value - segment.header.start.value;
    GroupReader reader(std::move(*file), kSegmentHeaderBytes + skipped);
    while (end_.end < limit) {
      const auto parse = reader.next();
      if (!parse) return parse.error();
      if (parse->state != GroupState::whole || !follows(parse->header)) {
        return is_last ? stop(segment, reader) : damaged(segment, reader);
      }
      if (const Status visited = take(*parse, reader); !visited) return visited;
    }
    if (end_.end > limit) return damaged(segment, reader);
    return {};
  }

  const LogEnd& end() const { return end_; }
  LogEnd& end() { return end_; }

 private:
  bool follows(const GroupHeader& header) const {
    return header.number == end_.next_group && header.position == end_.end &&
           header.known_synced <= end_.end;
  }

  Status take(const GroupParse& parse, GroupReader& reader) {
    const std::uint64_t bytes = kGroupHeaderBytes + parse.header.length;
    end_.known_synced = std::max(end_.known_synced, parse.header.known_synced);
    const Status visited = visit_({parse.header, reader.rest().substr(0, bytes), parse.entries});
    end_.end.value += bytes;
    ++end_.next_group;
    reader.pass(bytes);
    return visited;
  }

  Status stop(const Segment& segment, GroupReader& reader) {
    if (const Status read = reader.read_rest(); !read) return read;
    end_.torn_bytes = reader.rest().size();
    if (end_.end < end_.known_synced || later_group_disagrees(reader.rest(), end_.end)) {
      return damaged(segment, reader);
    }
    return {};
  }

  Status damaged(const Segment& segment, const GroupReader& reader) const {
    return our_error(place(segment, reader.offset()) + ": expected group " +
                     std::to_string(end_.next_group) +
                     ", which was synced, found damage; restore the file, or start with --rebuild "
                     "to go on from the lines alone");
  }

  FileSystem& files_;
  const VisitGroup& visit_;
  LogEnd end_;
};

}  // namespace

Result<LogEnd> scan_commit_log(FileSystem& files, const std::string& directory, const SinkId& sink,
                               ScanFrom from, const VisitGroup& visit) {
  const auto listed = list_log(files, directory, sink);
  if (!listed) return listed.error();
  const std::vector<Segment>& segments = *listed;
  Scan scan(files, from, visit);
  if (segments.empty()) return scan.end();
  // A segment's groups count up to where the next one starts: its rest was copied there.
  auto first = segments.begin();
  for (auto it = segments.begin(); it != segments.end(); ++it) {
    if (it->header.start <= from.position) first = it;
  }
  if (first->header.start > from.position) {
    return our_error("commit log " + directory + ": the segment that holds position " +
                     std::to_string(from.position.value) + " is missing, the oldest is " +
                     first->path);
  }
  for (auto it = first; it != segments.end(); ++it) {
    const bool is_last = it + 1 == segments.end();
    const LogPosition limit = is_last ? LogPosition{UINT64_MAX} : (it + 1)->header.start;
    if (const Status read = scan.read(*it, limit, is_last); !read) return read.error();
  }
  scan.end().last_segment = segments.back().header.number;
  return scan.end();
}

}  // namespace albicilla
