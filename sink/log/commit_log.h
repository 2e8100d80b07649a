// The commit log's writer: groups of decisions appended to segment files that have their room taken
// ahead, so that a full disk is noticed before a group is written and never inside of it. Every
// start of the sink begins a new segment; an old one is never appended to.
// One thread owns it. Whatever fails here but for want of room is never tried again: the log's
// state on disk is unknown then, and only a restart finds out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/commit_group.h"

namespace albicilla {

struct CommitLogPlace {
  std::string directory;
  SinkId sink;
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;  // room taken ahead
};

// Where a writer begins: what recovery found.
struct CommitLogStart {
  std::uint64_t segment = 1;  // number of the new segment
  std::uint64_t group = 1;    // number of the next group
  LogPosition start;          // of the new segment
  std::string tail;           // whole groups from `start` on, copied into the new segment
};

class CommitLog {
 public:
  // Makes the new segment, the tail in it, and makes it durable.
  static Result<CommitLog> begin(FileSystem& files, CommitLogPlace place, CommitLogStart start);

  // Takes the room for a group of that many bytes, in this segment or a new one. Nothing has
  // happened when the error is one of is_no_room: ask again later.
  Status ensure_room(std::uint64_t group_bytes);
  // `group` has kGroupHeaderBytes of room in front. Returns the position behind it.
  Result<LogPosition> append(std::string& group);
  Status sync();
  // The next group goes to a new segment, so that a checkpoint can let the old ones go.
  void roll() { rolling_ = true; }

  LogPosition end() const { return end_; }
  LogPosition synced() const { return synced_; }
  std::uint64_t next_group() const { return next_group_; }
  std::uint64_t segment() const { return segment_; }

 private:
  CommitLog(FileSystem& files, CommitLogPlace place) : files_(&files), place_(std::move(place)) {}
  Status make_segment(std::uint64_t number, std::string_view tail, std::uint64_t room);

  FileSystem* files_;
  CommitLogPlace place_;
  std::unique_ptr<AppendFile> file_;
  std::uint64_t segment_ = 0;
  std::uint64_t room_ = 0;  // bytes reserved in the segment
  std::uint64_t next_group_ = 1;
  LogPosition end_;
  LogPosition synced_;
  bool rolling_ = false;
};

// The disk, its inodes or our quota are used up: room may come back.
bool is_no_room(const Error& error);

}  // namespace albicilla
