#include "sink/log/commit_log.h"

#include <algorithm>
#include <cerrno>

#include "common/io/segment_log.h"

namespace albicilla {

bool is_no_room(const Error& error) { return error.os_error == ENOSPC || error.os_error == EDQUOT; }

Result<CommitLog> CommitLog::begin(FileSystem& files, CommitLogPlace place, CommitLogStart start) {
  CommitLog log(files, std::move(place));
  log.end_ = start.start;
  log.synced_ = start.start;
  log.next_group_ = start.group;
  if (const Status made = log.make_segment(start.segment, start.tail, start.tail.size()); !made) {
    return made.error();
  }
  log.end_.value += start.tail.size();
  log.synced_ = log.end_;
  return log;
}

Status CommitLog::ensure_room(std::uint64_t group_bytes) {
  if (!rolling_ && file_->size() + group_bytes <= room_) return {};
  // A new segment says that everything before it was synced.
  if (synced_ != end_) {
    if (const Status synced = sync(); !synced) return our_error(synced.error().message);
  }
  const Status made = make_segment(segment_ + 1, {}, group_bytes);
  if (made) rolling_ = false;
  return made;
}

Result<LogPosition> CommitLog::append(std::string& group) {
  seal_group(group, {next_group_, end_, synced_, 0});
  if (const Status appended = file_->append(group); !appended) return appended.error();
  ++next_group_;
  end_.value += group.size();
  return end_;
}

Status CommitLog::sync() {
  if (const Status synced = file_->sync(); !synced) return synced;
  synced_ = end_;
  return {};
}

// A segment gets its name only when it is whole and durable: a reader takes its start, and the tail
// that was copied into it, on trust.
Status CommitLog::make_segment(std::uint64_t number, std::string_view tail, std::uint64_t room) {
  const std::string path = segment_path(place_.directory, number);
  const std::string fresh = path + ".new";
  room = std::max(place_.segment_bytes, kSegmentHeaderBytes + room);
  if (const Status removed = files_->remove(fresh); !removed) return removed;
  auto file = files_->create_append(fresh);
  if (!file) return file.error();
  Status status = (*file)->reserve(room);
  if (status) status = (*file)->append(encode(SegmentHeader{place_.sink, number, end_}));
  if (status) status = (*file)->append(tail);
  if (status) status = (*file)->sync();
  if (!status) {
    // What cannot be removed now is removed at the next try.
    if (const Status removed = files_->remove(fresh); !removed) return status;
    return status;
  }
  if (const Status renamed = files_->rename(fresh, path); !renamed) return renamed;
  if (const Status synced = files_->sync_directory(place_.directory); !synced) return synced;
  file_ = std::move(*file);
  segment_ = number;
  room_ = room;
  return {};
}

}  // namespace albicilla
