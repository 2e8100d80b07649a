#include "sink/log/checkpoints.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <set>

#include "common/base/log.h"
#include "common/io/segment_log.h"
#include "sink/layout/session.h"
#include "sink/log/heads_file.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostCheckpointBytes = std::size_t{2} << 30;
constexpr std::size_t kKept = 2;
constexpr std::size_t kMostHeadsFiles = 8;
constexpr std::string_view kCheckpoint = "checkpoint-";
constexpr std::string_view kHeads = "heads-";
constexpr std::size_t kNameDigits = 16;

std::optional<std::uint64_t> number_of(std::string_view name, std::string_view kind) {
  if (!name.starts_with(kind) || name.size() != kind.size() + kNameDigits) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kind.size(), end, number, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

std::string layouts_state_path(const std::string& commit_directory) {
  return commit_directory + "/layouts";
}

Checkpoints::Checkpoints(FileSystem& files, std::string log_root, std::string directory,
                         SinkId sink)
    : files_(files),
      log_root_(std::move(log_root)),
      directory_(std::move(directory)),
      sink_(sink) {}

std::string Checkpoints::path(std::string_view kind, std::uint64_t number) const {
  std::array<char, kNameDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(number));
  return directory_ + "/" + std::string(kind) + digits.data();
}

Result<std::optional<Checkpoint>> Checkpoints::load() {
  const auto names = files_.list(directory_);
  if (!names) return names.error();
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : *names) {
    if (name.ends_with(".new")) {  // a write that never got its name
      if (const Status removed = files_.remove(directory_ + "/" + name); !removed) {
        return removed.error();
      }
    }
    for (const std::string_view kind : {kCheckpoint, kHeads}) {
      const auto number = number_of(name, kind);
      if (!number) continue;
      next_number_ = std::max(next_number_, *number + 1);
      if (kind == kCheckpoint) numbers.push_back(*number);
    }
  }
  std::string damage;
  for (auto it = numbers.rbegin(); it != numbers.rend(); ++it) {
    const std::string file = path(kCheckpoint, *it);
    const auto bytes = read_file(files_, file, kMostCheckpointBytes);
    if (!bytes) return bytes.error();
    auto checkpoint = parse_checkpoint(*bytes);
    if (!checkpoint) {
      damage = file + ": " + checkpoint.error().message;
      log_error("checkpoint unusable, trying the one before",
                {{"file", file}, {"reason", checkpoint.error().message}});
      continue;
    }
    if (checkpoint->sink != sink_) return our_error(file + ": it belongs to another log root");
    kept_ = {*checkpoint};
    kept_.back().producers.clear();
    kept_.back().sessions.clear();
    kept_.back().prefixes.clear();
    return std::optional(std::move(*checkpoint));
  }
  if (!damage.empty()) return our_error(damage);
  return std::optional<Checkpoint>();
}

Status Checkpoints::load_heads(const Checkpoint& checkpoint, FileTable& table) {
  for (const HeadsFileName& name : checkpoint.heads) {
    auto reader = HeadsReader::open(files_, path(kHeads, name.number));
    if (!reader) return reader.error();
    while (true) {
      const auto named = reader->next();
      if (!named) return named.error();
      if (!*named) break;
      if (day_of_file((*named)->file) <= checkpoint.sealed_until) continue;
      table.restore((*named)->file, (*named)->head);
    }
  }
  return {};
}

Status Checkpoints::write(StateSnapshot snapshot) {
  // Whatever the reason: lines that did not reach the disk are only in the commit log now, and only
  // a replay brings them back.
  if (const Status synced = files_.sync_file_system(log_root_); !synced) {
    return our_error(synced.error().message);
  }
  if (!unwritten_.empty()) {
    keep(snapshot.changed);
    snapshot.changed.clear();
    for (const auto& [file, head] : unwritten_) snapshot.changed.push_back({file, head});
  }
  Status written = write_layouts(snapshot);
  if (written) written = write_state(snapshot);
  if (!written) {
    keep(snapshot.changed);
    return written;
  }
  unwritten_.clear();
  return remove_old();
}

// Before the checkpoint: a replay from there must find them no further back.
Status Checkpoints::write_layouts(const StateSnapshot& snapshot) {
  if (snapshot.layouts.empty()) return {};
  for (const std::string& directory : snapshot.layout_directories) {
    if (const Status synced = files_.sync_file_system(directory); !synced) {
      return our_error(synced.error().message);
    }
  }
  return replace_file(files_, layouts_state_path(directory_), snapshot.layouts);
}

void Checkpoints::keep(const std::vector<NamedHead>& changed) {
  for (const NamedHead& named : changed) unwritten_[named.file] = named.head;
}

Status Checkpoints::write_state(StateSnapshot& snapshot) {
  Checkpoint checkpoint;
  checkpoint.sink = sink_;
  checkpoint.position = snapshot.position;
  checkpoint.next_group = snapshot.next_group;
  checkpoint.epoch = snapshot.epoch;
  checkpoint.sealed_until = snapshot.sealed_until;
  checkpoint.rebuilt = snapshot.rebuilt;
  checkpoint.producers = std::move(snapshot.producers);
  checkpoint.sessions = std::move(snapshot.sessions);
  checkpoint.prefixes = std::move(snapshot.prefixes);
  if (!kept_.empty()) checkpoint.heads = kept_.back().heads;
  if (const Status heads = write_heads(snapshot.changed, checkpoint.heads, snapshot.sealed_until);
      !heads)
    return heads;
  // The names of heads files must be there before a checkpoint that counts on them.
  if (const Status synced = files_.sync_directory(directory_); !synced) return synced;
  checkpoint.number = next_number_++;
  const Status written =
      replace_file(files_, path(kCheckpoint, checkpoint.number), encode(checkpoint));
  if (!written) return written;
  ++written_;
  checkpoint.producers.clear();
  checkpoint.sessions.clear();
  checkpoint.prefixes.clear();
  kept_.push_back(std::move(checkpoint));
  if (kept_.size() > kKept) kept_.erase(kept_.begin());
  return {};
}

Status Checkpoints::write_heads(const std::vector<NamedHead>& changed,
                                std::vector<HeadsFileName>& heads, std::string_view sealed_until) {
  if (changed.empty()) return {};
  const std::uint64_t number = next_number_++;
  auto writer = HeadsWriter::create(files_, path(kHeads, number));
  if (!writer) return writer.error();
  for (const NamedHead& named : changed) {
    if (const Status added = writer->add(named.file, named.head); !added) return added;
  }
  const auto bytes = writer->finish();
  if (!bytes) return bytes.error();
  heads.push_back({number, *bytes});
  std::uint64_t changes = 0;
  for (std::size_t i = 1; i < heads.size(); ++i) changes += heads[i].bytes;
  if (heads.size() <= kMostHeadsFiles && changes <= heads.front().bytes) return {};
  return merge(heads, sealed_until);
}

Status Checkpoints::merge(std::vector<HeadsFileName>& heads, std::string_view sealed_until) {
  std::vector<std::string> paths;
  for (const HeadsFileName& name : heads) paths.push_back(path(kHeads, name.number));
  const std::uint64_t number = next_number_++;
  auto writer = HeadsWriter::create(files_, path(kHeads, number));
  if (!writer) return writer.error();
  const Status merged = merge_heads(files_, paths, [&](const NamedHead& named) -> Status {
    if (day_of_file(named.file) <= sealed_until) return {};
    return writer->add(named.file, named.head);
  });
  if (!merged) return merged;
  const auto bytes = writer->finish();
  if (!bytes) return bytes.error();
  heads = {{number, *bytes}};
  return {};
}

Status Checkpoints::remove_old() {
  std::set<std::uint64_t> needed;
  for (const Checkpoint& checkpoint : kept_) {
    needed.insert(checkpoint.number);
    for (const HeadsFileName& heads : checkpoint.heads) needed.insert(heads.number);
  }
  const auto names = files_.list(directory_);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    auto number = number_of(name, kCheckpoint);
    if (!number) number = number_of(name, kHeads);
    if (!number || needed.contains(*number)) continue;
    if (const Status removed = files_.remove(directory_ + "/" + name); !removed) return removed;
  }
  return remove_old_segments(kept_.front().position);
}

// A segment may go when the next one starts at or before the position that is still needed.
Status Checkpoints::remove_old_segments(LogPosition needed) {
  const auto numbers = list_segments(files_, directory_);
  if (!numbers) return numbers.error();
  std::optional<SegmentNumber> before;
  for (const SegmentNumber number : *numbers) {
    const auto file = files_.open_read(segment_path(directory_, number));
    if (!file) return file.error();
    std::string bytes(kSegmentHeaderBytes, '\0');
    const auto count = (*file)->read_at(0, bytes);
    if (!count) return count.error();
    const auto header = parse_segment_header(std::string_view(bytes).substr(0, *count));
    if (!header || header->start > needed) return {};
    if (before) {
      const Status removed = files_.remove(segment_path(directory_, *before));
      if (!removed) return removed;
    }
    before = number;
  }
  return {};
}

}  // namespace albicilla
