#include "proxy/outbox/generation.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"

namespace albicilla {

namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

std::string settled_path(const std::string& directory) { return directory + "/settled"; }

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Result<std::string> free_torn_path(FileSystem& files, const std::string& directory,
                                   SegmentNumber segment) {
  const std::string stem = directory + "-" + segment_name(segment) + ".torn-";
  for (std::uint32_t number = 1;; ++number) {
    std::string path = stem + std::to_string(number);
    const auto facts = files.look(path);
    if (!facts) return facts.error();
    if (!facts->has_value()) return path;
  }
}

// Moves everything from `offset` on out of the segment, so that it ends with its last good entry.
Status tear(FileSystem& files, const std::string& directory, SegmentNumber segment,
            std::uint64_t offset) {
  const std::string path = segment_path(directory, segment);
  const auto torn_path = free_torn_path(files, directory, segment);
  if (!torn_path) return torn_path.error();
  const auto from = files.open_write(path);
  if (!from) return from.error();
  const auto torn = files.create_append(*torn_path);
  if (!torn) return torn.error();
  std::string bytes(kCopyBytes, '\0');
  for (std::uint64_t at = offset;; at += bytes.size()) {
    const auto count = (*from)->read_at(at, bytes);
    if (!count) return count.error();
    const Status copied = (*torn)->append(std::string_view(bytes).substr(0, *count));
    if (!copied) return copied;
    if (*count < bytes.size()) break;
  }
  if (const Status synced = (*torn)->sync(); !synced) return synced;
  log_error("bad end of a spool segment moved away",
            {{"segment", path}, {"offset", offset}, {"moved_to", *torn_path}});
  return (*from)->cut(offset);
}

Result<GenerationFacts> find_facts(FileSystem& files, const std::string& directory,
                                   const std::vector<SegmentNumber>& segments) {
  for (const SegmentNumber segment : segments) {
    auto reader = SegmentReader::open(files, segment_path(directory, segment));
    if (!reader) return reader.error();
    const auto entry = reader->next();
    if (!entry) return entry.error();
    if (!entry->has_value() || (*entry)->type != static_cast<std::uint8_t>(EntryType::generation)) {
      continue;
    }
    auto facts = parse_generation((*entry)->payload);
    if (facts) return facts;
  }
  return our_error(directory + ": no segment says whose generation this is");
}

// What the index needs of an entry; nullopt for one that belongs to no exchange or does not parse.
std::optional<PlacedEntry> placed(const EntryView& entry, EntryPlace place) {
  const auto type = static_cast<EntryType>(entry.type);
  if (type == EntryType::closed) {
    const auto facts = parse_closed(entry.payload);
    if (!facts) return std::nullopt;
    return PlacedEntry{facts->id, type, facts->sink, facts->seq, place};
  }
  const bool of_exchange =
      type == EntryType::opened || type == EntryType::part || type == EntryType::answered;
  const auto id = exchange_of(entry.payload);
  if (!of_exchange || !id) return std::nullopt;
  return PlacedEntry{*id, type, 0, Seq{}, place};
}

Status read_segment(FileSystem& files, SegmentNumber number, OldGeneration& read) {
  Generation& generation = *read.generation;
  const auto segment = static_cast<std::uint32_t>(number);
  generation.index.add_segment(segment);
  auto reader = SegmentReader::open(files, segment_path(generation.directory, number));
  if (!reader) return reader.error();
  while (true) {
    const std::uint64_t offset = reader->offset();
    const auto entry = reader->next();
    if (!entry) return entry.error();
    if (!entry->has_value()) break;
    const auto known = placed(**entry, {segment, static_cast<std::uint32_t>(offset),
                                        static_cast<std::uint32_t>((*entry)->frame_bytes)});
    if (known) {
      generation.index.add(std::span(&*known, 1));
      if (known->type == EntryType::closed) read.closed_ids.push_back(known->id);
    } else if ((*entry)->type != static_cast<std::uint8_t>(EntryType::generation)) {
      ++read.damaged;
      log_error("spool entry does not parse, passed over",
                {{"generation", name_of(generation.directory)},
                 {"segment", number},
                 {"offset", offset},
                 {"type", (*entry)->type}});
    }
  }
  generation.index.grow_segment(segment, reader->offset());
  if (reader->end() == SegmentEnd::clean) return {};
  ++read.torn;
  if (reader->end() == SegmentEnd::bad) ++read.damaged;
  return tear(files, generation.directory, number, reader->offset());
}

}  // namespace

Result<OldGeneration> read_generation(FileSystem& files, const std::string& directory) {
  const auto segments = list_segments(files, directory);
  if (!segments) return segments.error();
  auto facts = find_facts(files, directory, *segments);
  if (!facts) return facts.error();
  OldGeneration read;
  read.generation = std::make_unique<Generation>(directory, std::move(*facts), 0);
  for (const SegmentNumber segment : *segments) {
    if (const Status status = read_segment(files, segment, read); !status) return status.error();
  }
  read.generation->current_segment = static_cast<std::uint32_t>(segments->back()) + 1;
  const auto settled = files.look(settled_path(directory));
  if (!settled) return settled.error();
  read.settled = settled->has_value();
  if (read.settled) read.generation->index.forget_open();
  return read;
}

Status tear_generation(FileSystem& files, const std::string& directory) {
  const auto segments = list_segments(files, directory);
  if (!segments) return segments.error();
  for (const SegmentNumber segment : *segments) {
    const auto torn_path = free_torn_path(files, directory, segment);
    if (!torn_path) return torn_path.error();
    const Status moved = files.rename(segment_path(directory, segment), *torn_path);
    if (!moved) return moved;
  }
  return remove_generation(files, directory);
}

Status settle_generation(FileSystem& files, const std::string& directory) {
  const auto marker = files.open_write(settled_path(directory));
  if (!marker) return marker.error();
  return files.sync_directory(directory);
}

Result<std::uint64_t> remove_unneeded_segments(FileSystem& files, Generation& generation) {
  std::uint64_t bytes = 0;
  for (const auto& gone : generation.index.take_unneeded(generation.current_segment)) {
    const Status removed = files.remove(segment_path(generation.directory, gone.segment));
    if (!removed) return removed.error();
    bytes += gone.bytes;
  }
  return bytes;
}

Status remove_generation(FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) return names.error();
  // Segments oldest first and the marker last, for a crash in between: while one segment stands,
  // the marker still says that nothing in it is to be recovered.
  for (const std::string& name : *names) {
    if (!segment_number(name)) continue;
    if (const Status removed = files.remove(directory + "/" + name); !removed) return removed;
  }
  if (const Status removed = files.remove(settled_path(directory)); !removed) return removed;
  return files.remove_directory(directory);
}

Result<std::string_view> EntryReader::frame(const EntryPlace& place) {
  recent_ = generation_.recent.find(place);
  if (recent_.batch) return recent_.frame;
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
  const EntryParse parse = parse_entry(*bytes);
  if (parse.state != EntryState::whole || parse.entry.frame_bytes != place.bytes) {
    return our_error(segment_path(generation_.directory, place.segment) +
                     ": no whole entry at offset " + std::to_string(place.offset));
  }
  return parse.entry;
}

}  // namespace albicilla
