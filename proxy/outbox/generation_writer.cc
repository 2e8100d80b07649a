#include "proxy/outbox/generation_writer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/base/log.h"

namespace albicilla {

namespace {

// Places hold 32-bit offsets.
constexpr std::uint64_t kMostSegmentBytes = std::uint64_t{3} << 30;

std::vector<PlacedEntry> place(const Batch& batch, std::uint32_t segment, std::uint64_t offset) {
  std::vector<PlacedEntry> placed;
  placed.reserve(batch.entries().size());
  for (const BatchEntry& entry : batch.entries()) {
    placed.push_back({entry.id,
                      entry.type,
                      entry.sink,
                      entry.seq,
                      {segment, static_cast<std::uint32_t>(offset + entry.offset),
                       static_cast<std::uint32_t>(entry.bytes)}});
  }
  return placed;
}

}  // namespace

Status GenerationWriter::start() {
  if (const Status made = files_.make_directories(generation_.directory); !made) return made;
  const Status named = files_.sync_directory(directory_of(generation_.directory));
  if (!named) return named;
  auto extent = ExtentFile::open(files_, generation_.directory);
  if (!extent) return extent.error();
  if (policy_.synced) {
    if (const Status synced = extent->sync(); !synced) return synced;
  }
  extent_ = std::move(*extent);
  auto file = make_segment(1);
  if (!file) return file.error();
  take_segment(std::move(*file), 1);
  return {};
}

Result<std::unique_ptr<AppendFile>> GenerationWriter::make_segment(std::uint32_t number) {
  const std::string path = segment_path(generation_.directory, number);
  auto file = files_.create_append(path);
  if (!file) return file;
  std::string head;
  append_generation(head, generation_.facts);
  Status status = (*file)->append(head);
  if (status) status = (*file)->reserve(std::max<std::uint64_t>(policy_.bytes, head.size()));
  // Not every file system can reserve; it then has no reserve, and nothing else is lost.
  if (!status && status.error().os_error == EOPNOTSUPP) status = {};
  if (status && policy_.synced) status = files_.sync_directory(generation_.directory);
  if (status) return file;
  if (const Status removed = files_.remove(path); !removed) {
    log_error("cannot remove a segment", {{"cause", removed.error().message}});
  }
  return status.error();
}

Status GenerationWriter::reserve_ahead() {
  if (ahead_) return {};
  auto file = make_segment(generation_.current_segment + 1);
  if (!file) return file.error();
  ahead_ = std::move(*file);
  return {};
}

Status GenerationWriter::make_room(std::uint64_t bytes) {
  const bool full = file_->size() + bytes > policy_.bytes;
  if (!tail_unknown_ && !full) return {};
  if (const Status made = reserve_ahead(); !made) {
    // Without a next segment the current one grows on while the disk lets it.
    return tail_unknown_ || file_->size() + bytes > kMostSegmentBytes ? made : Status();
  }
  return go_ahead();
}

Status GenerationWriter::go_ahead() {
  if (const Status left = leave_segment(); !left) return left;
  take_segment(std::move(ahead_), ++generation_.current_segment);
  return {};
}

Status GenerationWriter::leave_early() {
  if (!ahead_) return {};
  if (const Status left = go_ahead(); !left) return left;
  return note_extent();
}

void GenerationWriter::take_segment(std::unique_ptr<AppendFile> file, std::uint32_t number) {
  file_ = std::move(file);
  appended_bytes_ += file_->size();
  generation_.index.add_segment(number);
  generation_.index.grow_segment(number, file_->size());
}

Status GenerationWriter::leave_segment() {
  if (policy_.synced) {
    if (const Status synced = file_->sync(); !synced) return synced;
  }
  if (!tail_unknown_) {
    // Gives back what was reserved behind the end; when that fails it is only room that is lost.
    if (const Status cut = file_->cut(file_->size()); !cut) {
      log_warning("cannot trim a full segment", {{"cause", cut.error().message}});
    }
  }
  tail_unknown_ = false;
  return {};
}

Status GenerationWriter::append(const std::string& bytes) {
  if (const Status room = make_room(bytes.size()); !room) return room;
  const std::uint64_t end = file_->size();
  const Status appended = file_->append(bytes);
  if (appended) {
    appended_bytes_ += bytes.size();
    return {};
  }
  if (is_no_room(appended.error())) tail_unknown_ = !file_->cut(end).ok();
  return appended;
}

// Not synced: after a power cut an older extent makes nobody miss what was promised.
Status GenerationWriter::note_extent() {
  const Status noted = extent_->write({generation_.current_segment, file_->size(), 0});
  return noted || is_no_room(noted.error()) ? Status() : noted;
}

void GenerationWriter::note_dropped(std::uint64_t exchanges) {
  if (!started()) return;
  const Status noted = extent_->write({generation_.current_segment, file_->size(), exchanges});
  if (!noted) log_error("cannot note what was dropped", {{"cause", noted.error().message}});
}

Status GenerationWriter::write(Batch& batch) {
  if (const Status appended = append(batch.bytes()); !appended) return appended;
  if (!policy_.synced) {
    if (const Status noted = note_extent(); !noted) return noted;
  }
  const std::uint32_t segment = generation_.current_segment;
  const std::uint64_t offset = file_->size() - batch.bytes().size();
  auto placed = place(batch, segment, offset);
  generation_.recent.put(segment, offset, batch.take_bytes());
  generation_.index.grow_segment(segment, file_->size() - offset);
  if (policy_.synced) {
    unsynced_.insert(unsynced_.end(), placed.begin(), placed.end());
  } else {
    generation_.index.add(placed);
  }
  return {};
}

Status GenerationWriter::move(Batch& batch, const std::vector<OpenEntry>& from) {
  if (const Status appended = append(batch.bytes()); !appended) return appended;
  // What they are copied from may be deleted as soon as the index names the copies.
  const Status kept = policy_.synced ? sync() : note_extent();
  if (!kept) return kept;
  const std::uint32_t segment = generation_.current_segment;
  const std::uint64_t offset = file_->size() - batch.bytes().size();
  const auto placed = place(batch, segment, offset);
  generation_.index.grow_segment(segment, batch.bytes().size());
  for (std::size_t i = 0; i < from.size(); ++i) generation_.index.move(from[i], placed[i].place);
  batch.clear();
  return {};
}

Status GenerationWriter::sync() {
  if (const Status synced = file_->sync(); !synced) return synced;
  return end_sync(begin_sync());
}

GenerationWriter::SyncMark GenerationWriter::begin_sync() const {
  return {unsynced_.size(), {generation_.current_segment, file_->size(), 0}};
}

Status GenerationWriter::end_sync(const SyncMark& mark) {
  const auto end = unsynced_.begin() + static_cast<std::ptrdiff_t>(mark.entries);
  generation_.index.add(std::span(unsynced_.begin(), end));
  unsynced_.erase(unsynced_.begin(), end);
  const Status noted = extent_->write(mark.extent);
  return noted || is_no_room(noted.error()) ? Status() : noted;
}

bool GenerationWriter::fits(std::uint64_t bytes) const {
  return !tail_unknown_ && file_->size() + bytes <= policy_.bytes;
}

void GenerationWriter::finish() {
  if (file_ && !tail_unknown_) {
    if (const Status cut = file_->cut(file_->size()); !cut) {
      log_warning("cannot trim the last segment", {{"cause", cut.error().message}});
    }
  }
  if (!ahead_) return;
  ahead_.reset();
  const Status removed =
      files_.remove(segment_path(generation_.directory, generation_.current_segment + 1));
  if (!removed) log_warning("cannot remove a segment", {{"cause", removed.error().message}});
}

}  // namespace albicilla
