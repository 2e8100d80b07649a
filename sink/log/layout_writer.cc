#include "sink/log/layout_writer.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/crc32c.h"
#include "common/base/log.h"
#include "sink/layout/session.h"
#include "sink/log/commit_entry.h"
#include "sink/log/sealed_file.h"

namespace albicilla {

namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMostStateBytes = std::size_t{1} << 30;
constexpr std::size_t kDayDigits = 8;
constexpr std::string_view kLines = ".jsonl";

// Lines of a session; not those of `.gaps` and `.quarantine`.
bool is_session_file(std::string_view file) {
  const std::size_t slash = file.rfind('/');
  return slash != std::string_view::npos && slash + 1 < file.size() && file[slash + 1] != '.';
}

// "20260113" at the end of a name is the day after which the file gets no lines.
bool is_over(std::string_view file, std::string_view sealed_until) {
  if (file.ends_with(kLines)) file.remove_suffix(kLines.size());
  if (file.size() < kDayDigits) return false;
  const std::string_view day = file.substr(file.size() - kDayDigits);
  std::string sealed;
  for (const char c : sealed_until) {
    if (c != '-') sealed += c;
  }
  return sealed.size() == kDayDigits && day <= sealed;
}

std::vector<DerivedLine> derive(const LayoutPlace& place, std::string_view file,
                                std::string_view line) {
  std::vector<DerivedLine> made;
  if (line.ends_with('\n')) line.remove_suffix(1);
  const auto view = view_line(line);
  if (!view || view->exchange.empty()) return made;
  place.layout->derive({day_of_file(file), *view}, place.limits, made);
  return made;
}

}  // namespace

LayoutWriter::LayoutWriter(FileSystem& files, std::vector<LayoutPlace> places) : files_(files) {
  for (LayoutPlace& place : places) places_.push_back({std::move(place), {}, {}, {}});
}

std::string LayoutWriter::key_of(const LayoutPlace& place) {
  return std::string(place.layout->name) + ":" + place.directory;
}

std::vector<std::string> LayoutWriter::directories() const {
  std::vector<std::string> all;
  for (const Placed& placed : places_) all.push_back(placed.place.directory);
  return all;
}

Status LayoutWriter::load(const std::string& path, LogPosition position) {
  if (places_.empty()) return {};
  for (Placed& placed : places_) placed = {placed.place, {UINT64_MAX}, {}, {}};
  const auto facts = files_.look(path);
  if (!facts) return facts.error();
  if (*facts) {
    const auto state = read_file(files_, path, kMostStateBytes);
    if (!state) return state.error();
    if (!restore(*state)) log_error("layouts begin anew, their state is damaged", {{"file", path}});
  }
  bool fresh = false;
  for (Placed& placed : places_) {
    if (placed.position.value != UINT64_MAX) continue;
    fresh = true;
    placed.position = position;
    if (const Status found = find_sizes(placed); !found) return found;
    log_info("layout begins",
             {{"layout", placed.place.layout->name}, {"directory", placed.place.directory}});
  }
  return fresh ? replace_file(files_, path, state()) : Status();
}

Status LayoutWriter::find_sizes(Placed& placed) {
  const std::string& directory = placed.place.directory;
  if (const Status made = files_.make_directories(directory); !made) return made;
  const auto names = files_.list(directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!name.ends_with(kLines)) continue;
    const auto facts = files_.look(directory + "/" + name);
    if (!facts) return facts.error();
    if (*facts && (*facts)->bytes > 0) placed.sizes[name] = (*facts)->bytes;
  }
  return {};
}

Status LayoutWriter::write_group(std::string_view entries, LogPosition end) {
  for (Placed& placed : places_) {
    if (placed.position.value >= end.value) continue;
    std::vector<DerivedLine> lines;
    CommitEntryReader reader(entries);
    while (!reader.at_end()) {
      const auto entry = reader.next();
      if (!entry) return entry.error();
      if (entry->kind == CommitKind::seal && placed.place.layout->file_ends_with_day) {
        std::erase_if(placed.sizes,
                      [&](const auto& one) { return is_over(one.first, entry->day); });
        placed.whole.clear();
      }
      if (entry->kind != CommitKind::record || !is_session_file(entry->write.file)) continue;
      auto derived = derive(placed.place, entry->write.file, entry->write.line);
      std::move(derived.begin(), derived.end(), std::back_inserter(lines));
    }
    if (const Status written = write(placed, std::move(lines)); !written) return written;
    placed.position = end;
  }
  return {};
}

Status LayoutWriter::write(Placed& placed, std::vector<DerivedLine> lines) {
  std::map<std::string, std::string> appended;
  for (DerivedLine& line : lines) {
    if (line.method == PutMethod::append) {
      appended[line.file] += line.text;
      continue;
    }
    const std::string path = placed.place.directory + "/" + line.file;
    const auto file = files_.open_write(path);
    if (!file) return file.error();
    if (const Status written = (*file)->write_at(0, line.text); !written) return written;
    if (const Status cut = (*file)->cut(line.text.size()); !cut) return cut;
  }
  // Sizes move only when all of it is written: want of room does the group again.
  for (const auto& [file, text] : appended) {
    if (const Status written = append(placed, file, text); !written) return written;
  }
  for (const auto& [file, text] : appended) placed.sizes[file] += text.size();
  return {};
}

Status LayoutWriter::append(Placed& placed, const std::string& file, const std::string& text) {
  const auto known = placed.sizes.find(file);
  const std::uint64_t size = known == placed.sizes.end() ? 0 : known->second;
  const auto handle = files_.open_write(placed.place.directory + "/" + file);
  if (!handle) return handle.error();
  // What a crash left behind its place comes again.
  if (!placed.whole.contains(file)) {
    if (const Status cut = (*handle)->cut(size); !cut) return cut;
  }
  const Status written = (*handle)->write_at(size, text);
  if (written) placed.whole.insert(file);
  return written;
}

std::string LayoutWriter::state() const {
  if (places_.empty()) return {};
  std::string body;
  append_integer(body, kVersion);
  append_integer(body, static_cast<std::uint32_t>(places_.size()));
  for (const Placed& placed : places_) {
    append_string(body, key_of(placed.place));
    append_integer(body, placed.position.value);
    append_integer(body, static_cast<std::uint32_t>(placed.sizes.size()));
    for (const auto& [file, size] : placed.sizes) {
      append_string(body, file);
      append_integer(body, size);
    }
  }
  std::string state;
  append_integer(state, crc32c(body));
  return state + body;
}

bool LayoutWriter::restore(std::string_view state) {
  ByteReader reader(state);
  if (reader.integer<std::uint32_t>() !=
          crc32c(state.substr(std::min<std::size_t>(4, state.size()))) ||
      reader.integer<std::uint32_t>() != kVersion) {
    return false;
  }
  const auto count = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::string key(reader.string());
    const LogPosition position{reader.integer<std::uint64_t>()};
    const auto files = reader.integer<std::uint32_t>();
    Sizes sizes;
    for (std::uint32_t file = 0; file < files && reader.ok(); ++file) {
      const std::string name(reader.string());
      sizes[name] = reader.integer<std::uint64_t>();
    }
    const auto known = std::find_if(places_.begin(), places_.end(), [&](const Placed& placed) {
      return key_of(placed.place) == key;
    });
    if (!reader.ok() || known == places_.end()) continue;
    known->position = position;
    known->sizes = std::move(sizes);
  }
  return reader.finished();
}

Status LayoutWriter::begin_anew() {
  for (Placed& placed : places_) {
    if (const Status moved = move_aside(placed.place.directory); !moved) return moved;
    placed.sizes.clear();
    placed.whole.clear();
  }
  return {};
}

// Nothing is deleted: the directory may hold what another program wrote before us.
Status LayoutWriter::move_aside(const std::string& directory) {
  if (const Status made = files_.make_directories(directory); !made) return made;
  const auto names = files_.list(directory);
  if (!names) return names.error();
  std::string aside;
  for (std::uint64_t number = 1; aside.empty(); ++number) {
    const std::string name = ".before-" + std::to_string(number);
    if (!std::binary_search(names->begin(), names->end(), name)) aside = directory + "/" + name;
  }
  bool made = false;
  for (const std::string& name : *names) {
    const bool ours =
        name.ends_with(kLines) || (name.starts_with("trace-") && name.ends_with(".json"));
    if (!ours) continue;
    if (!made) {
      if (const Status directory_made = files_.make_directories(aside); !directory_made) {
        return directory_made;
      }
      made = true;
    }
    const Status moved = files_.rename(directory + "/" + name, aside + "/" + name);
    if (!moved) return moved;
  }
  return {};
}

Status LayoutWriter::write_line(std::string_view file, std::string_view line) {
  if (!is_session_file(file)) return {};
  for (Placed& placed : places_) {
    const Status written = write(placed, derive(placed.place, file, line));
    if (!written) return written;
  }
  return {};
}

Status LayoutWriter::finish(const std::string& path, LogPosition position) {
  for (Placed& placed : places_) {
    placed.position = position;
    if (const Status synced = files_.sync_file_system(placed.place.directory); !synced) {
      return synced;
    }
  }
  return replace_file(files_, path, state());
}

Result<std::uint64_t> remake_layouts(FileSystem& files, const std::string& log_root,
                                     LayoutWriter& layouts) {
  if (const Status begun = layouts.begin_anew(); !begun) return begun.error();
  const auto names = files.list(log_root);
  if (!names) return names.error();
  std::uint64_t lines = 0;
  for (const std::string& day : *names) {
    if (!is_day_name(day)) continue;
    const Status walked =
        walk_day(files, log_root, day, [&](const std::string& file) -> Result<Walk> {
          auto reader = SealedReader::open(files, log_root + "/" + file);
          if (!reader) return reader.error();
          while (true) {
            const auto line = reader->next();
            if (!line) return line.error();
            if (!*line) return Walk::go_on;
            const Status written = layouts.write_line(plain_name(file), **line);
            if (!written) return written.error();
            ++lines;
          }
        });
    if (!walked) return walked.error();
  }
  return lines;
}

}  // namespace albicilla
