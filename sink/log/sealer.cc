#include "sink/log/sealer.h"

#include <algorithm>
#include <set>

#include "sink/layout/session.h"

namespace albicilla {

namespace {

constexpr std::uint64_t kStep = std::uint64_t{256} << 10;

std::string manifest_path(const std::string& log_root, const std::string& day) {
  return log_root + "/" + day + "/.manifest";
}

ManifestFile state_of(const NamedHead& named) {
  const FileHead& head = named.head;
  return {head.index, named.file.substr(day_of_file(named.file).size() + 1), head.chain.n,
          head.size, head.chain.h};
}

// Reads a file's whole lines from its end to its start.
class BackwardLines {
 public:
  BackwardLines(const RandomFile& file, std::uint64_t size) : file_(file), start_(size) {}

  // The line before the one given last, without its newline; nullopt at the start. The first call
  // passes over a last line that has no newline.
  Result<std::optional<std::string>> next() {
    while (true) {
      const std::size_t end = text_.rfind('\n');
      if (!aligned_ && end != std::string::npos) {
        text_.resize(end);
        aligned_ = true;
        continue;
      }
      if (aligned_ && (end != std::string::npos || (start_ == 0 && !text_.empty()))) {
        const std::size_t from = end == std::string::npos ? 0 : end + 1;
        std::string line = text_.substr(from);
        text_.resize(end == std::string::npos ? 0 : end);
        return std::optional(std::move(line));
      }
      if (start_ == 0) return std::optional<std::string>();
      const std::uint64_t step = std::min(start_, kStep);
      std::string before(step, '\0');
      const auto count = file_.read_at(start_ - step, before);
      if (!count) return count.error();
      start_ -= step;
      text_ = before + text_;
    }
  }

 private:
  const RandomFile& file_;
  std::uint64_t start_;
  std::string text_;
  bool aligned_ = false;
};

// Want of room leaves the file as it was; after a failed sync nobody knows what is there.
Status append_durably(AppendFile& file, std::string_view text) {
  const std::uint64_t before = file.size();
  if (const Status appended = file.append(text); !appended) {
    const Status cut = file.cut(before);
    return cut ? appended : Status(our_error(cut.error().message));
  }
  const Status synced = file.sync();
  return synced ? synced : Status(our_error(synced.error().message));
}

// Cuts off a statement that was never finished.
Status cut_torn_end(FileSystem& files, const std::string& path, AppendFile& file) {
  const auto readable = files.open_read(path);
  if (!readable) return readable.error();
  std::uint64_t size = file.size();
  std::string last(1, '\0');
  while (size > 0) {
    const auto count = (*readable)->read_at(size - 1, last);
    if (!count) return count.error();
    if (last[0] == '\n') break;
    --size;
  }
  return size < file.size() ? file.cut(size) : Status();
}

}  // namespace

Result<Sealer> Sealer::open(FileSystem& files, Place place, const FileTable& table, WallTime now) {
  Sealer sealer(files, std::move(place));
  if (const Status found = sealer.find_last(); !found) return found.error();
  if (const Status loaded = sealer.load_days(table); !loaded) return loaded.error();
  auto keys = SigningKeys::load(files, sealer.place_.key_path, sealer.place_.sink,
                                sealer.last_signer_, now);
  if (!keys) return keys.error();
  sealer.keys_.emplace(std::move(*keys));
  return sealer;
}

Status Sealer::load_days(const FileTable& table) {
  // Of a million files: views into the table, by their place among the files of their day.
  struct NumberedFile {
    const std::string* file = nullptr;
    const FileHead* head = nullptr;
  };
  std::map<std::string, std::vector<NumberedFile>, std::less<>> by_day;
  std::string misplaced;
  table.for_each([&](const std::string& file, const FileHead& head) {
    const std::string_view day = day_of_file(file);
    if (day <= final_until_) return;
    auto found = by_day.find(day);
    if (found == by_day.end()) found = by_day.emplace(day, std::vector<NumberedFile>()).first;
    std::vector<NumberedFile>& places = found->second;
    if (head.index >= table.size()) misplaced = file;
    if (!misplaced.empty()) return;
    if (head.index >= places.size()) places.resize(head.index + 1);
    places[head.index] = {&file, &head};
  });
  for (const auto& [day, places] : by_day) {
    Day& state = days_[day];
    state.lines_by_index.reserve(places.size());
    for (const NumberedFile& place : places) {
      if (place.file == nullptr || !misplaced.empty()) {
        return our_error("the files of " + day + " are not numbered one after the other");
      }
      state.tree.set(state.tree.size(), manifest_leaf(state_of({*place.file, *place.head})));
      state.lines_by_index.push_back(place.head->chain.n);
      state.lines += place.head->chain.n;
    }
  }
  return {};
}

Status Sealer::find_last() {
  const auto names = files_->list(place_.log_root);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!is_day_name(name)) continue;
    if (const Status read = read_last_of(name); !read) return read;
  }
  return {};
}

Status Sealer::read_last_of(const std::string& day) {
  const std::string path = manifest_path(place_.log_root, day);
  const auto facts = files_->look(path);
  if (!facts) return facts.error();
  if (!*facts) return {};
  const auto file = files_->open_read(path);
  if (!file) return file.error();
  BackwardLines lines(**file, (*facts)->bytes);
  while (true) {
    const auto line = lines.next();
    if (!line) return line.error();
    if (!*line) return {};
    if (!(*line)->starts_with("{\"checkpoint\":")) continue;
    const auto parsed = parse_manifest_line(**line);
    const auto* checkpoint = parsed ? std::get_if<SignedCheckpoint>(&parsed->what) : nullptr;
    if (checkpoint == nullptr) continue;  // damaged: verify says so, the chain goes on before it
    if (checkpoint->number > last_.number) {
      last_ = {checkpoint->number, sha256(**line)};
      last_signer_ = checkpoint->key;
    }
    if (checkpoint->final) final_until_ = std::max(final_until_, day);
    return {};
  }
}

Status Sealer::seal(SealWork work) {
  if (const Status rotated = keys_->rotate(*files_, work.now); !rotated) return rotated;
  for (NamedHead& named : work.changed) {
    const std::string day(day_of_file(named.file));
    if (day <= final_until_) continue;  // said already, before a restart
    days_[day].waiting[named.head.index] = std::move(named);
  }
  waiting_marks_.insert(waiting_marks_.end(), work.marks.begin(), work.marks.end());
  std::set<std::string> due;
  for (const auto& [day, state] : days_) {
    if (!state.waiting.empty() || day <= work.final_until) due.insert(day);
  }
  // Also when nothing has happened: silence is a statement too.
  const std::string today = utc_day(work.now);
  if (due.empty() && today > final_until_) due.insert(today);
  for (const std::string& day : due) {
    if (const Status sealed = seal_day(day, day <= work.final_until, work.now); !sealed) {
      return sealed;
    }
  }
  std::erase_if(days_, [&](const auto& day) { return day.first <= work.final_until; });
  final_until_ = std::max(final_until_, work.final_until);
  return {};
}

Status Sealer::seal_day(const std::string& day, bool final, WallTime now) {
  Day& state = days_[day];
  const auto manifest = manifest_of(day, state);
  if (!manifest) return manifest.error();
  std::string text;
  if (state.introduced != keys_->introduction()) text += keys_->introduction() + "\n";
  for (const auto& [index, named] : state.waiting) {
    const ManifestFile file = state_of(named);
    if (file.index >= state.lines_by_index.size()) state.lines_by_index.resize(file.index + 1);
    state.tree.set(file.index, manifest_leaf(file));
    state.lines += file.lines - state.lines_by_index[file.index];
    state.lines_by_index[file.index] = file.lines;
    text += manifest_line(file) + "\n";
  }
  SignedCheckpoint checkpoint;
  checkpoint.number = last_.number + 1;
  checkpoint.sink = place_.sink;
  checkpoint.at = iso8601(now);
  checkpoint.day = day;
  checkpoint.final = final;
  checkpoint.files = state.tree.size();
  checkpoint.lines = state.lines;
  checkpoint.root = state.tree.root();
  checkpoint.previous = last_.hash;
  checkpoint.producers = waiting_marks_;
  checkpoint.key = keys_->current().public_key();
  const std::string line = manifest_line(checkpoint, keys_->current());
  text += line + "\n";
  if (const Status written = append_durably(**manifest, text); !written) return written;
  state.introduced = keys_->introduction();
  state.waiting.clear();
  waiting_marks_.clear();
  last_ = {checkpoint.number, sha256(line)};
  last_signer_ = checkpoint.key;
  return keys_->confirm(*files_);
}

Result<AppendFile*> Sealer::manifest_of(const std::string& day, Day& state) {
  if (state.manifest) return state.manifest.get();
  const std::string path = manifest_path(place_.log_root, day);
  if (const Status made = files_->make_directories(directory_of(path)); !made) return made.error();
  const auto facts = files_->look(path);
  if (!facts) return facts.error();
  auto file = *facts ? files_->open_append(path) : files_->create_append(path);
  if (!file) return file.error();
  if (const Status whole = cut_torn_end(*files_, path, **file); !whole) return whole.error();
  for (const std::string& directory : {directory_of(path), place_.log_root}) {
    if (const Status synced = files_->sync_directory(directory); !synced) return synced.error();
  }
  state.manifest = std::move(*file);
  return state.manifest.get();
}

}  // namespace albicilla
