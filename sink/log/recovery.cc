#include "sink/log/recovery.h"

#include <vector>

#include "common/base/log.h"
#include "common/io/segment_log.h"
#include "sink/layout/session.h"
#include "sink/log/file_tail.h"

namespace albicilla {

Recovery::Recovery(FileSystem& files, std::string log_root, CommitLogPlace place,
                   Checkpoints& checkpoints, LogWriter& writer)
    : files_(files),
      log_root_(std::move(log_root)),
      place_(std::move(place)),
      checkpoints_(checkpoints),
      writer_(writer) {}

Status Recovery::run(WallTime now) {
  if (!looked_) {
    if (const Status found = find_checkpoint(); !found) return found;
    looked_ = true;
  }
  if (!log_) {
    if (const Status begun = begin_log(); !begun) return begun;
  }
  if (const Status replayed = replay(); !replayed) return replayed;
  if (const Status settled = settle_files(); !settled) return settled;
  return begin_epoch(now);
}

Status Recovery::find_checkpoint() {
  auto loaded = checkpoints_.load();
  if (!loaded) return loaded.error();
  if (!*loaded) {
    if (const Status empty = refuse_orphans(); !empty) return empty;
    // The first checkpoint says that this root began empty: from now on one that has lines but no
    // checkpoint has lost it.
    if (const Status written = checkpoints_.write({}); !written) return written;
    loaded = checkpoints_.load();
    if (!loaded) return loaded.error();
  }
  checkpoint_ = std::move(*loaded);
  return {};
}

Status Recovery::refuse_orphans() {
  const auto names = files_.list(log_root_);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (is_day_name(name)) {
      return our_error(log_root_ + " holds lines (" + name + ") but " + place_.directory +
                       " has no checkpoint: name the right --commit-log, or start with --rebuild");
    }
  }
  const auto segments = list_segments(files_, place_.directory);
  if (!segments) return segments.error();
  if (!segments->empty()) {
    return our_error(place_.directory + " has segments but no checkpoint: restore it, or start " +
                     "with --rebuild");
  }
  return {};
}

Status Recovery::begin_log() {
  std::string tail;
  LogPosition tail_start = checkpoint_->position;
  sealed_until_ = checkpoint_->sealed_until;
  const VisitGroup collect = [&](const GroupVisit& group) -> Status {
    if (const Status seals = find_seals(group); !seals) return seals;
    // Synced before this group was written: not part of the tail.
    if (group.header.known_synced > tail_start) {
      tail.erase(0, group.header.known_synced.value - tail_start.value);
      tail_start = group.header.known_synced;
    }
    tail += group.bytes;
    return {};
  };
  const auto end = scan_commit_log(files_, place_.directory, place_.sink,
                                   {checkpoint_->position, checkpoint_->next_group}, collect);
  if (!end) return end.error();
  if (end->known_synced > tail_start) {
    tail.erase(0, end->known_synced.value - tail_start.value);
    tail_start = end->known_synced;
  }
  auto log =
      CommitLog::begin(files_, place_, {end->last_segment + 1, end->next_group, tail_start, tail});
  if (!log) return log.error();
  log_.emplace(std::move(*log));
  facts_.tail_bytes = tail.size();
  facts_.torn_bytes = end->torn_bytes;
  return {};
}

Status Recovery::replay() {
  state_ = {};
  touched_.clear();
  facts_.groups = 0;
  facts_.missing_bytes = 0;
  state_.epoch = checkpoint_->epoch;
  state_.sealed_until = checkpoint_->sealed_until;
  for (const auto& [producer, state] : checkpoint_->producers) {
    state_.producers.restore(producer, state);
  }
  if (const Status known = state_.sessions.restore(checkpoint_->sessions); !known) return known;
  if (const Status known = state_.prefixes.restore(checkpoint_->prefixes); !known) return known;
  if (const Status loaded = checkpoints_.load_heads(*checkpoint_, state_.files); !loaded) {
    return loaded;
  }
  if (LayoutWriter* const layouts = writer_.layouts()) {
    const Status begun = layouts->load(layouts_state_path(place_.directory), checkpoint_->position);
    if (!begun) return begun;
  }
  const auto end = scan_commit_log(files_, place_.directory, place_.sink,
                                   {checkpoint_->position, checkpoint_->next_group},
                                   [this](const GroupVisit& group) { return replay_group(group); });
  if (!end) return end.error();
  if (checkpoint_->rebuilt) state_.files.mark_all_changed();
  if (end->end != log_->end()) {
    return our_error("commit log " + place_.directory + ": reading it again ended at position " +
                     std::to_string(end->end.value) + ", expected " +
                     std::to_string(log_->end().value));
  }
  return {};
}

// A sealed day's files may have been packed or shipped since: nothing is written to them again.
Status Recovery::find_seals(const GroupVisit& group) {
  CommitEntryReader reader(group.entries);
  while (!reader.at_end()) {
    const auto entry = reader.next();
    if (!entry) return entry.error();
    if (entry->kind == CommitKind::seal) sealed_until_ = std::string(entry->day);
  }
  return {};
}

Status Recovery::replay_group(const GroupVisit& group) {
  CommitEntryReader reader(group.entries);
  while (!reader.at_end()) {
    const auto entry = reader.next();
    if (!entry) return entry.error();
    const bool writes =
        !entry->write.line.empty() && day_of_file(entry->write.file) > sealed_until_;
    if (writes && touched_.insert(std::string(entry->write.file)).second) {
      const auto missing = fill_missing(files_, log_root_ + "/" + std::string(entry->write.file),
                                        entry->write.offset);
      if (!missing) return missing.error();
      facts_.missing_bytes += *missing;
      if (*missing > 0) {
        log_error("log file is shorter than the commit log knows, filled with newlines",
                  {{"file", entry->write.file}, {"missing_bytes", *missing}});
      }
    }
    if (const Status applied = state_.apply(*entry); !applied) return applied;
  }
  ++facts_.groups;
  const Status written = writer_.write_group(group.entries, sealed_until_);
  LayoutWriter* const layouts = writer_.layouts();
  if (!written || layouts == nullptr) return written;
  return layouts->write_group(group.entries, {group.header.position.value + group.bytes.size()});
}

// A line is written when its group is synced, so one that the log does not know shows that the
// disk has lost the end of the log. Its Seq will be missed as a gap; where the line stayed, it
// would contradict that.
Status Recovery::settle_files() {
  for (const std::string& file : touched_) {
    if (const Status settled = settle_file(file); !settled) return settled;
  }
  // Nothing behind the checkpoint of a clean stop: no need to list a million files.
  if (facts_.groups == 0 && facts_.torn_bytes == 0) return {};
  const std::uint64_t torn_before = facts_.torn_files;
  const auto days = files_.list(log_root_);
  if (!days) return days.error();
  for (const std::string& day : *days) {
    if (!is_day_name(day) || day <= sealed_until_) continue;
    if (const Status settled = put_unknown_files_aside(day); !settled) return settled;
  }
  if (facts_.torn_files == torn_before && facts_.torn_bytes == 0) return {};
  // The log did lose something. Else the other files are looked at when their next line comes:
  // there may be a million of them.
  std::vector<std::string> others;
  state_.files.for_each([&](const std::string& file, const FileHead&) {
    if (day_of_file(file) > sealed_until_ && !touched_.contains(file)) others.push_back(file);
  });
  for (const std::string& file : others) {
    if (const Status settled = settle_file(file); !settled) return settled;
  }
  return {};
}

// One that is shorter than the log knows is left for its next line.
Status Recovery::settle_file(const std::string& file) {
  const std::string path = log_root_ + "/" + file;
  const std::uint64_t expected = state_.files.head(file).size;
  const auto facts = files_.look(path);
  if (!facts) return facts.error();
  if (!*facts || (*facts)->bytes <= expected) return {};
  const auto tail = settle_tail(files_, path, expected);
  if (!tail) return tail.error();
  ++facts_.torn_files;
  log_warning("log file had bytes that the commit log does not know, moved aside",
              {{"file", tail->torn_file}, {"torn_bytes", tail->torn_bytes}});
  return {};
}

// `directory` is a day's, or a shard's in it.
Status Recovery::put_unknown_files_aside(const std::string& directory) {
  constexpr std::size_t kShardDigits = 2;
  const auto names = files_.list(log_root_ + "/" + directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const std::string file = directory + "/" + name;
    if (name.size() == kShardDigits && is_day_name(directory)) {
      if (const Status settled = put_unknown_files_aside(file); !settled) return settled;
    }
    if (!name.ends_with(".jsonl") || state_.files.knows(file)) continue;
    const auto aside = put_aside(files_, log_root_ + "/" + file);
    if (!aside) return aside.error();
    ++facts_.torn_files;
    log_warning("log file that the commit log does not know, put aside", {{"file", *aside}});
  }
  return {};
}

Status Recovery::begin_epoch(WallTime now) {
  CommitEntry entry;
  entry.kind = CommitKind::start;
  entry.epoch = state_.epoch + 1;
  entry.at = now;
  std::string group(kGroupHeaderBytes, '\0');
  append_commit_entry(group, entry);
  if (const Status room = log_->ensure_room(group.size()); !room) return room;
  const auto appended = log_->append(group);
  if (!appended) return our_error(appended.error().message);
  if (const Status synced = log_->sync(); !synced) return our_error(synced.error().message);
  return state_.apply(entry);
}

}  // namespace albicilla
