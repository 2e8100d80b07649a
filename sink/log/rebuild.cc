#include "sink/log/rebuild.h"

#include <algorithm>
#include <functional>
#include <map>

#include "common/base/log.h"
#include "common/chain/manifest.h"
#include "common/json/walk.h"
#include "common/record/log_line.h"
#include "sink/layout/session.h"
#include "sink/log/line.h"

namespace albicilla {

namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;
// A seq beyond it is no seq; a bit for each below it fits in memory.
constexpr std::uint64_t kMostSeq = std::uint64_t{1} << 33;

struct SeqSet {
  std::vector<bool> seen;  // by seq
  std::uint64_t records = 0;
  std::uint64_t missing = 0;

  void add(std::uint64_t seq) {
    if (seq >= seen.size()) seen.resize(std::max<std::size_t>(seq + 1, seen.size() * 2));
    seen[seq] = true;
  }
};

// Gives each whole line of a file, without its newline, and where it ends; in constant memory but
// for the longest line.
Status for_each_line(FileSystem& files, const std::string& path,
                     const std::function<void(std::string_view, std::uint64_t)>& visit) {
  const auto file = files.open_read(path);
  if (!file) return file.error();
  std::string buffer;
  std::uint64_t offset = 0;  // of the buffer's first byte
  while (true) {
    const std::size_t kept = buffer.size();
    buffer.resize(kept + std::max(kReadBytes, kept));
    const auto count = (*file)->read_at(offset + kept, std::span(buffer).subspan(kept));
    if (!count) return count.error();
    buffer.resize(kept + *count);
    std::size_t start = 0;
    for (std::size_t end = buffer.find('\n', kept); end != std::string::npos;
         end = buffer.find('\n', start)) {
      visit(std::string_view(buffer).substr(start, end - start), offset + end + 1);
      start = end + 1;
    }
    buffer.erase(0, start);
    offset += start;
    if (*count == 0) return {};
  }
}

// What the last statements of a day say, signatures aside: verify is for those.
struct DayStatements {
  std::map<std::string, ManifestFile> files;
  std::vector<ProducerMark> marks;
  bool final = false;
};

class LinesReader {
 public:
  LinesReader(FileSystem& files, std::string root) : files_(files), root_(std::move(root)) {}

  Status read_day(const std::string& day) {
    day_ = {};
    const std::string manifest = root_ + "/" + day + "/.manifest";
    const auto facts = files_.look(manifest);
    if (!facts) return facts.error();
    if (*facts) {
      const Status read = for_each_line(
          files_, manifest, [this](std::string_view line, std::uint64_t) { take_statement(line); });
      if (!read) return read;
    }
    if (day_.final) {
      found_.sealed_until = day;
      for (const ProducerMark& mark : day_.marks) sealed_marks_[mark.producer] = mark;
    }
    const std::size_t before = found_.heads.size();
    if (const Status read = read_directory(day); !read) return read;
    day_.final ? found_.heads.resize(before) : number_files(day, before);
    return {};
  }

  LinesFound finish() {
    std::sort(found_.heads.begin(), found_.heads.end(),
              [](const NamedHead& a, const NamedHead& b) { return a.file < b.file; });
    for (const auto& [producer, mark] : sealed_marks_) producers_[producer];
    for (auto& [producer, set] : producers_) finish_producer(producer, set);
    return std::move(found_);
  }

 private:
  Status read_directory(const std::string& directory) {
    const auto names = files_.list(root_ + "/" + directory);
    if (!names) return names.error();
    for (const std::string& name : *names) {
      const std::string path = directory + "/" + name;
      const auto facts = files_.look(root_ + "/" + path);
      if (!facts) return facts.error();
      Status read;
      if (*facts && (*facts)->directory) {
        read = read_directory(path);
      } else if (name.ends_with(".jsonl")) {
        read = read_file(path);
      }
      if (!read) return read;
    }
    return {};
  }

  void take_statement(std::string_view line) {
    const auto parsed = parse_manifest_line(line);
    if (!parsed) return;
    if (const auto* file = std::get_if<ManifestFile>(&parsed->what)) {
      day_.files[file->name] = *file;
    } else if (const auto* checkpoint = std::get_if<SignedCheckpoint>(&parsed->what)) {
      day_.final = checkpoint->final;
      day_.marks.insert(day_.marks.end(), checkpoint->producers.begin(),
                        checkpoint->producers.end());
    }
  }

  // The numbers that the manifest knows stay; a file that is gone stays known, so that its chain
  // shows what is missing when it goes on.
  void number_files(const std::string& day, std::size_t first) {
    std::uint64_t next = 0;
    for (const auto& [name, file] : day_.files) next = std::max(next, file.index + 1);
    for (std::size_t i = first; i < found_.heads.size(); ++i) {
      const auto known = day_.files.find(found_.heads[i].file.substr(day.size() + 1));
      found_.heads[i].head.index = known != day_.files.end() ? known->second.index : next++;
      if (known != day_.files.end()) day_.files.erase(known);
    }
    for (const auto& [name, file] : day_.files) {
      found_.heads.push_back({day + "/" + name, {file.bytes, {file.lines, file.h}, file.index}});
    }
  }

  Status read_file(const std::string& name) {
    NamedHead named{name, {0, chain_start(name), 0}};
    const bool counts = name != quarantine_file(day_of_file(name));
    const Status read =
        for_each_line(files_, root_ + "/" + name, [&](std::string_view line, std::uint64_t end) {
          take_line(line, end, counts, named.head);
        });
    found_.heads.push_back(std::move(named));
    return read;
  }

  void take_line(std::string_view line, std::uint64_t end, bool counts, FileHead& head) {
    if (line.empty()) return;  // fills the place of lines that were lost
    const auto split = split_chained_line(line);
    if (!split) {
      ++found_.unreadable;
      return;
    }
    ++found_.lines;
    head.size = end;
    head.chain = split->head;
    if (counts && !take_numbers(line)) ++found_.unreadable;
  }

  bool take_numbers(std::string_view line) {
    const auto view = view_line(line);
    if (!view) return false;
    const bool is_gap = view->exchange.empty();
    const std::string_view object = is_gap ? json_member(line, "gap") : view->exchange;
    const auto id = from_hex_text(json_inside(json_first_member(object, "producer")));
    const auto first = json_count(json_first_member(object, is_gap ? "from" : "seq"));
    const auto last = is_gap ? json_count(json_first_member(object, "to")) : first;
    if (!id || !first || !last || *first == 0 || *last < *first || *last >= kMostSeq) return false;
    SeqSet& set = producers_[ProducerId{*id}];
    for (std::uint64_t seq = *first; seq <= *last; ++seq) set.add(seq);
    (is_gap ? set.missing : set.records) += *last - *first + 1;
    return true;
  }

  // Sealed days may be packed or gone: up to what they had acknowledged nothing is looked for.
  void finish_producer(const ProducerId& producer, SeqSet& set) {
    while (!set.seen.empty() && !set.seen.back()) set.seen.pop_back();
    const ProducerMark sealed = sealed_marks_[producer];
    ProducerState state;
    state.accepted =
        Seq{std::max(sealed.accepted.value, set.seen.empty() ? 0 : set.seen.size() - 1)};
    state.records = std::max(set.records, sealed.records);
    state.missing = std::max(set.missing, sealed.missing);
    for (std::uint64_t seq = sealed.accepted.value + 1; seq < set.seen.size(); ++seq) {
      if (set.seen[seq]) continue;
      const std::uint64_t first = seq;
      while (!set.seen[seq]) ++seq;
      found_.holes.push_back({producer, {Seq{first}, Seq{seq - 1}}});
      state.missing += seq - first;
    }
    found_.producers.emplace_back(producer, std::move(state));
  }

  FileSystem& files_;
  std::string root_;
  LinesFound found_;
  DayStatements day_;
  std::map<ProducerId, SeqSet> producers_;
  std::map<ProducerId, ProducerMark> sealed_marks_;
};

Status move_aside(FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) return names.error();
  for (std::uint64_t number = 1;; ++number) {
    const std::string lost = directory + ".lost-" + std::to_string(number);
    const auto facts = files.look(lost);
    if (!facts) return facts.error();
    if (*facts) continue;
    if (const Status made = files.make_directories(lost); !made) return made;
    for (const std::string& name : *names) {
      if (name == "lock") continue;  // held by us
      const Status moved = files.rename(directory + "/" + name, lost + "/" + name);
      if (!moved) return moved;
    }
    return files.sync_directory(directory);
  }
}

Status write_holes(FileSystem& files, const std::string& log_root, LinesFound& found,
                   WallTime now) {
  if (found.holes.empty()) return {};
  const std::string today = utc_day(now);
  const std::string name =
      gaps_file(today > found.sealed_until ? today : day_after(found.sealed_until));
  auto at = std::find_if(found.heads.begin(), found.heads.end(),
                         [&](const NamedHead& named) { return named.file >= name; });
  if (at == found.heads.end() || at->file != name) {
    std::uint64_t index = 0;
    for (const NamedHead& named : found.heads) {
      if (day_of_file(named.file) == day_of_file(name))
        index = std::max(index, named.head.index + 1);
    }
    at = found.heads.insert(at, {name, {0, chain_start(name), index}});
  }
  std::string lines;
  for (const auto& [producer, gap] : found.holes) {
    std::string line;
    append_gap_line(line, now, producer, gap);
    at->head.chain = chain_next(at->head.chain, sha256(line));
    append_chain(line, at->head.chain);
    lines += line + "\n";
    log_error("records are lost for good, gap written", {{"producer", hex_text(producer.bytes)},
                                                         {"from", gap.first.value},
                                                         {"to", gap.last.value}});
  }
  if (const Status made = files.make_directories(directory_of(log_root + "/" + name)); !made) {
    return made;
  }
  const auto file = files.open_write(log_root + "/" + name);
  if (!file) return file.error();
  const Status written = (*file)->write_at(at->head.size, lines);
  at->head.size += lines.size();
  return written;
}

}  // namespace

Result<LinesFound> read_lines(FileSystem& files, const std::string& log_root) {
  const auto names = files.list(log_root);
  if (!names) return names.error();
  LinesReader reader(files, log_root);
  for (const std::string& name : *names) {
    if (!is_day_name(name)) continue;
    if (const Status read = reader.read_day(name); !read) return read.error();
  }
  return reader.finish();
}

Status rebuild(FileSystem& files, const std::string& log_root, const std::string& commit_directory,
               Checkpoints& checkpoints, WallTime now) {
  auto found = read_lines(files, log_root);
  if (!found) return found.error();
  if (const Status moved = move_aside(files, commit_directory); !moved) return moved;
  if (const Status written = write_holes(files, log_root, *found, now); !written) return written;
  log_warning("commit log rebuilt from the lines", {{"lines", found->lines},
                                                    {"unreadable_lines", found->unreadable},
                                                    {"files", found->heads.size()},
                                                    {"producers", found->producers.size()},
                                                    {"holes", found->holes.size()}});
  StateSnapshot snapshot;
  // The old count of epochs is lost; seconds are more than there were starts.
  snapshot.epoch = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  snapshot.sealed_until = found->sealed_until;
  snapshot.rebuilt = true;
  snapshot.producers = std::move(found->producers);
  snapshot.changed = std::move(found->heads);
  return checkpoints.write(std::move(snapshot));
}

}  // namespace albicilla
