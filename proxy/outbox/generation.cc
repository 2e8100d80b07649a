#include "proxy/outbox/generation.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "common/io/entry_repair.h"
#include "proxy/outbox/extent.h"
#include "proxy/outbox/salvage.h"

namespace albicilla {

namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;
// How far a segment is read on behind damage: it outgrows its policy only when no other has room.
constexpr std::uint64_t kMostSalvagedBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMostHeadBytes = std::size_t{64} << 10;

std::string settled_path(const std::string& directory) { return directory + "/settled"; }
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string torn_path(const Damage& damage) {
  return damage.directory + "-" + hex_text(damage.producer.bytes).substr(0, 8) + "-" +
         segment_name(damage.segment) + ".torn-" + std::to_string(damage.offset);
}

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

Result<std::string> read_from(FileSystem& files, const std::string& path, std::uint64_t offset,
                              std::uint64_t most) {
  const auto file = files.open_read(path);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  const std::uint64_t left = *size > offset ? *size - offset : 0;
  std::string bytes(static_cast<std::size_t>(std::min(left, most)), '\0');
  const auto count = (*file)->read_at(offset, bytes);
  if (!count) return count.error();
  bytes.resize(*count);
  return bytes;
}

std::optional<GenerationFacts> facts_at_head(std::string_view bytes) {
  std::string repaired;
  EntryParse parse = parse_entry(bytes);
  if (parse.state != EntryState::whole) {
    auto again = repair_entry(bytes);
    if (!again) return std::nullopt;
    repaired = std::move(*again);
    parse = parse_entry(repaired);
  }
  if (parse.entry.type != static_cast<std::uint8_t>(EntryType::generation)) return std::nullopt;
  auto facts = parse_generation(parse.entry.payload);
  if (!facts) return std::nullopt;
  return std::move(*facts);
}

Result<GenerationFacts> find_facts(FileSystem& files, const std::string& directory,
                                   const std::vector<SegmentNumber>& segments) {
  for (const SegmentNumber segment : segments) {
    const auto head = read_from(files, segment_path(directory, segment), 0, kMostHeadBytes);
    if (!head) return head.error();
    if (auto facts = facts_at_head(*head)) return std::move(*facts);
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
  if (type == EntryType::gap_close) {
    const auto facts = parse_gap(entry.payload);
    if (!facts || facts->seq == Seq{}) return std::nullopt;
    return PlacedEntry{facts->id, type, facts->sink, facts->seq, place};
  }
  const bool of_exchange = type == EntryType::opened || type == EntryType::part ||
                           type == EntryType::answered || type == EntryType::gap_open;
  const auto id = exchange_of(entry.payload);
  if (!of_exchange || !id) return std::nullopt;
  std::uint32_t sink = 0;
  if (type == EntryType::opened) {
    if (const auto facts = parse_opened(entry.payload)) sink = facts->sink;
  }
  return PlacedEntry{*id, type, sink, Seq{}, place};
}

// Reads one generation into what the start needs of it.
class GenerationReading {
 public:
  GenerationReading(FileSystem& files, OldGeneration& read)
      : files_(files),
        read_(read),
        generation_(*read.generation),
        known_(read_extent(files, read.generation->directory)),
        extent_(known_.extent) {}

  Status read(const std::vector<SegmentNumber>& segments) {
    for (std::size_t i = 0; i < segments.size(); ++i) {
      // Segments go oldest first, so one that is missing between others was not let go.
      if (i > 0 && segments[i] != segments[i - 1] + 1) miss(segments[i - 1] + 1, 0, 0);
      if (const Status status = read_segment(segments[i]); !status) return status;
    }
    if (extent_ && extent_->segment > segments.back()) {
      misses_end_ = true;
      miss(segments.back() + 1, 0, extent_->bytes);
    }
    if (known_.is_damaged) {
      // Perhaps nothing is missing, but nobody can tell. What misses the end says so already.
      if (!misses_end_) add({{}, {}, segments.back(), end_, 0, {}, "the spool's extent damaged"});
    } else if (extent_ && extent_->dropped > 0) {
      add({{}, {}, extent_->segment, extent_->bytes, 0, extent_->dropped, "no room to write them"});
    }
    return {};
  }

 private:
  Status read_segment(SegmentNumber number) {
    const auto segment = static_cast<std::uint32_t>(number);
    const std::string path = segment_path(generation_.directory, number);
    generation_.index.add_segment(segment);
    begun_behind_hole_.reset();
    auto reader = SegmentReader::open(files_, path);
    if (!reader) return reader.error();
    while (true) {
      const std::uint64_t offset = reader->offset();
      const auto entry = reader->next();
      if (!entry) return entry.error();
      if (!entry->has_value()) break;
      take(number, offset, **entry);
    }
    std::uint64_t end = reader->offset();
    if (reader->end() != SegmentEnd::clean) {
      const auto salvaged = salvage(number, end);
      if (!salvaged) return salvaged.error();
      end = *salvaged;
    }
    generation_.index.grow_segment(segment, end);
    end_ = end;
    if (extent_ && extent_->segment == number && end < extent_->bytes) {
      misses_end_ = true;
      miss(number, end, extent_->bytes - end);
    }
    return {};
  }

  // Returns where the segment's good part ends.
  Result<std::uint64_t> salvage(SegmentNumber number, std::uint64_t offset) {
    const std::string path = segment_path(generation_.directory, number);
    const auto bytes = read_from(files_, path, offset, kMostSalvagedBytes);
    if (!bytes) return bytes.error();
    Salvage salvage(*bytes, offset);
    std::size_t stretches = 0;
    while (const auto found = salvage.next()) {
      for (; stretches < salvage.lost().size(); ++stretches) {
        if (!was_promised(number, salvage.lost()[stretches])) begun_behind_hole_.emplace();
      }
      if (found->repaired) {
        ++read_.repaired;
        log_warning("a flipped bit of a spool entry put right",
                    {{"segment", path}, {"offset", found->offset}});
      }
      take(number, found->offset, found->entry);
    }
    const std::uint64_t end = offset + bytes->size();
    for (const Salvage::Stretch& lost : salvage.lost()) {
      const bool short_end = extent_ && extent_->segment == number && end < extent_->bytes;
      if (short_end && lost.offset + lost.bytes == end) return lost.offset;  // named as missing
      if (!was_promised(number, lost)) {
        ++read_.torn;
        continue;
      }
      add({{}, {}, number, lost.offset, lost.bytes, {}, "spool damaged"});
    }
    return end;
  }

  bool was_promised(SegmentNumber number, const Salvage::Stretch& lost) const {
    if (!extent_ || number < extent_->segment) return !lost.cut;
    return number == extent_->segment && lost.offset < extent_->bytes;
  }

  void take(SegmentNumber number, std::uint64_t offset, const EntryView& entry) {
    const EntryPlace place{static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(offset),
                           static_cast<std::uint32_t>(entry.frame_bytes)};
    const auto known = placed(entry, place);
    if (known) {
      if (!counts(*known)) return;
      generation_.index.add(std::span(&*known, 1));
      if (closes(known->type)) read_.closed_ids.push_back(known->id);
    } else if (entry.type != static_cast<std::uint8_t>(EntryType::generation)) {
      add({{}, {}, number, offset, entry.frame_bytes, {}, "spool entry of an unknown kind"});
    }
  }

  // Behind a hole that a power cut left in what was not synced, no closing was promised: its Seq
  // would claim that those in the hole are lost. Nor is whole what began before. Recovery closes.
  bool counts(const PlacedEntry& entry) {
    if (!begun_behind_hole_) return true;
    const bool begins = entry.type == EntryType::opened || entry.type == EntryType::gap_open;
    if (begins) begun_behind_hole_->insert(entry.id);
    return !closes(entry.type) && begun_behind_hole_->contains(entry.id);
  }

  void miss(SegmentNumber number, std::uint64_t offset, std::uint64_t bytes) {
    add({{}, {}, number, offset, bytes, {}, "spool shorter than it was written"});
  }

  void add(Damage damage) {
    damage.directory = generation_.directory;
    if (!generation_.facts.sinks.empty()) damage.producer = generation_.facts.sinks[0].producer;
    const auto told = files_.look(torn_path(damage));
    if (told && told->has_value()) return;
    log_error("damage in the spool", {{"generation", name_of(damage.directory)},
                                      {"segment", damage.segment},
                                      {"offset", damage.offset},
                                      {"bytes", damage.bytes},
                                      {"cause", damage.cause}});
    read_.damages.push_back(std::move(damage));
  }

  FileSystem& files_;
  OldGeneration& read_;
  Generation& generation_;
  const ExtentReading known_;
  const std::optional<Extent>& extent_;
  std::uint64_t end_ = 0;  // of the last segment that was read
  bool misses_end_ = false;
  std::optional<std::set<ExchangeId>> begun_behind_hole_;  // the last that was never promised
};

}  // namespace

bool is_no_room(const Error& error) { return error.os_error == ENOSPC || error.os_error == EDQUOT; }

GapFacts gap_of(const Damage& damage) {
  const Digest digest =
      sha256("gap " + damage.directory + " " + hex_text(damage.producer.bytes) + " " +
             std::to_string(damage.segment) + " " + std::to_string(damage.offset));
  GapFacts facts;
  std::copy_n(digest.begin(), facts.id.bytes.size(), facts.id.bytes.begin());
  facts.exchanges = damage.exchanges;
  facts.bytes = damage.bytes;
  facts.cause = damage.cause + ": " + name_of(damage.directory) + " segment " +
                std::to_string(damage.segment) + " offset " + std::to_string(damage.offset);
  return facts;
}

Result<OldGeneration> read_generation(FileSystem& files, const std::string& directory) {
  const auto segments = list_segments(files, directory);
  if (!segments) return segments.error();
  auto facts = find_facts(files, directory, *segments);
  if (!facts) return facts.error();
  OldGeneration read;
  read.generation = std::make_unique<Generation>(directory, std::move(*facts), 0);
  const Status done = GenerationReading(files, read).read(*segments);
  if (!done) return done.error();
  read.generation->current_segment = static_cast<std::uint32_t>(segments->back()) + 1;
  const auto settled = files.look(settled_path(directory));
  if (!settled) return settled.error();
  read.settled = settled->has_value();
  if (read.settled) read.generation->index.forget_open();
  if (read.settled || read.generation->facts.recovery) {
    const auto sinks = static_cast<std::uint32_t>(read.generation->facts.sinks.size());
    for (std::uint32_t i = 0; i < sinks; ++i) read.generation->index.tell_begun(i, std::nullopt);
  }
  return read;
}

Result<std::optional<Damage>> unreadable_generation(FileSystem& files,
                                                    const std::string& directory) {
  const auto segments = list_segments(files, directory);
  if (!segments) return segments.error();
  const ExtentReading known = read_extent(files, directory);
  std::uint64_t bytes = 0;
  for (const SegmentNumber segment : *segments) {
    const auto facts = files.look(segment_path(directory, segment));
    if (!facts) return facts.error();
    if (facts->has_value()) bytes += (*facts)->bytes;
  }
  // A worker that died right after making the directory, or its first segment, has left nothing.
  const bool written = known.extent && known.extent->segment > 0;
  const bool lost = known.is_damaged && !segments->empty();
  if (!written && !lost) return std::optional<Damage>();
  return std::optional(Damage{directory, {}, 0, 0, bytes, {}, "spool generation unreadable"});
}

Status keep_torn_bytes(FileSystem& files, const Damage& damage) {
  const std::string path = torn_path(damage);
  const auto there = files.look(path);
  if (!there) return there.error();
  if (there->has_value()) return {};
  // Under another name first: where the right one stands, the copy is whole.
  const std::string fresh = path + ".new";
  if (const Status removed = files.remove(fresh); !removed) return removed;
  const auto torn = files.create_append(fresh);
  if (!torn) return torn.error();
  const auto from = files.open_read(segment_path(damage.directory, damage.segment));
  for (std::uint64_t at = 0; from && at < damage.bytes; at += kCopyBytes) {
    std::string bytes(
        static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBytes, damage.bytes - at)), '\0');
    const auto count = (*from)->read_at(damage.offset + at, bytes);
    if (!count || *count == 0) break;
    const Status copied = (*torn)->append(std::string_view(bytes).substr(0, *count));
    if (!copied) return copied;
  }
  if (const Status synced = (*torn)->sync(); !synced) return synced;
  if (const Status named = files.rename(fresh, path); !named) return named;
  return files.sync_directory(directory_of(path));
}

Status tear_generation(FileSystem& files, const std::string& directory) {
  const auto segments = list_segments(files, directory);
  if (!segments) return segments.error();
  for (const SegmentNumber segment : *segments) {
    const auto torn = free_torn_path(files, directory, segment);
    if (!torn) return torn.error();
    const Status moved = files.rename(segment_path(directory, segment), *torn);
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
  // For a crash in between: what the extent promises goes first, or what goes after it would be
  // missed; segments oldest first; then the extent, because a segment without one has lost it; the
  // marker last, because while one segment stands it says that nothing is to be recovered.
  const Status cleared = clear_extent(files, directory);
  if (!cleared && !is_no_room(cleared.error())) return cleared;
  for (const std::string& name : *names) {
    if (!segment_number(name)) continue;
    if (const Status removed = files.remove(directory + "/" + name); !removed) return removed;
  }
  if (const Status removed = remove_extent(files, directory); !removed) return removed;
  if (const Status removed = files.remove(settled_path(directory)); !removed) return removed;
  return files.remove_directory(directory);
}

}  // namespace albicilla
