#include "converter/verify/log_check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "common/chain/tombstone.h"
#include "converter/reading/byte_source.h"
#include "converter/reading/log_files.h"
#include "converter/verify/day_manifest.h"
#include "converter/verify/file_check.h"
#include "converter/verify/packed_lines.h"

namespace albicilla {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kZst = ".zst";

// Signed by a key that must be introduced somewhere.
struct Unvouched {
  PublicKey key;
  std::string file;
  std::uint64_t line = 0;
};
constexpr std::size_t kMostUnvouched = 4096;  // kept before those that are vouched for go

struct DayFile {
  fs::path path;
  std::uint64_t bytes = 0;
};

class LogCheck {
 public:
  LogCheck(const LogCheckRequest& request, const ReportFault& report,
           const std::function<void(const LogCheckProgress&)>& progress)
      : request_(request), report_to_(report), progress_to_(progress) {
    if (request.pinned) keys_ = TrustedKeys(*request.pinned);
  }

  Result<LogCheckOutcome> run() {
    if (const Status found = find_days(); !found) return found.error();
    for (const auto& [day, files] : days_) {
      for (const auto& [name, file] : files) progress_.total_bytes += file.bytes;
    }
    for (const auto& [day, files] : days_) {
      if (const Status checked = check_day(day, files); !checked) return checked.error();
    }
    outcome_.checkpoints = links_.size();
    if (const Status vouched = check_vouched(); !vouched) return vouched.error();
    if (const Status anchored = check_anchors(); !anchored) return anchored.error();
    if (!keys_.pin_found()) {
      report(
          {FaultKind::bad_signature, "", 0, "nothing in this log is vouched for by the given key"});
    }
    if (request_.days.empty()) {
      check_checkpoint_chain(links_, reporter());
      outcome_.ledger.find_missing(reporter());
      check_removed_count();
    }
    return std::move(outcome_);
  }

 private:
  using DayFiles = std::map<std::string, DayFile>;  // by name in the day, without ".zst"

  ReportFault reporter() {
    return [this](const LogFault& fault) { report(fault); };
  }

  void report(const LogFault& fault) {
    ++(fault.kind == FaultKind::gap ? outcome_.gaps : outcome_.faults);
    report_to_(fault);
  }

  Status find_days() {
    std::error_code error;
    for (fs::directory_iterator entry(request_.root, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string day = entry->path().filename().string();
      const auto& wanted = request_.days;
      if (!is_day(day)) continue;
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), day) == wanted.end()) continue;
      if (const Status listed = list_day(entry->path(), days_[day]); !listed) return listed;
    }
    if (error) return client_error(request_.root.string() + ": " + error.message());
    for (const std::string& day : request_.days) {
      if (!days_.contains(day)) return client_error("there is no day " + day + " in the log");
    }
    return {};
  }

  static Status list_day(const fs::path& directory, DayFiles& files) {
    std::error_code error;
    for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      std::string name = entry->path().lexically_relative(directory).generic_string();
      const bool packed = name.ends_with(kZst);
      if (packed) name.resize(name.size() - kZst.size());
      if (!name.ends_with(".jsonl")) continue;
      // A plain file beside a packed one is still being packed: it counts.
      if (packed && files.contains(name)) continue;
      std::error_code ignored;
      files[name] = {entry->path(), fs::file_size(entry->path(), ignored)};
    }
    if (error) return client_error(directory.string() + ": " + error.message());
    return {};
  }

  Status check_day(const std::string& day, const DayFiles& files) {
    auto manifest = read_day_manifest(request_.root, day, keys_, reporter());
    if (!manifest) return manifest.error();
    links_.insert(links_.end(), manifest->checkpoints.begin(), manifest->checkpoints.end());
    for (const ProducerMark& mark : manifest->marks) outcome_.ledger.note_mark(mark);
    if (manifest->removal) {
      check_removed(*manifest, files);
      return {};
    }
    for (const auto& [name, state] : manifest->files) {
      if (!files.contains(name)) {
        report({FaultKind::missing, day + "/" + name, 0,
                "it had " + std::to_string(state.lines) + " lines"});
      }
    }
    for (const auto& [name, file] : files) {
      FileToCheck check;
      check.name = day + "/" + name;
      check.open = [path = file.path] { return open_lines(path); };
      const auto found = manifest->files.find(name);
      if (found != manifest->files.end()) check.signed_state = found->second;
      if (!check.signed_state && manifest->sealed) {
        report({FaultKind::extra, check.name, 0, "the sealed day does not name it"});
        continue;
      }
      check_one(check, name);
    }
    return {};
  }

  void check_removed(const DayManifest& manifest, const DayFiles& files) {
    const ManifestRemoval& removal = *manifest.removal;
    unvouched_.push_back({removal.key, manifest.day + "/.manifest", 1});
    for (const ProducerMark& mark : manifest.marks) outcome_.ledger.note_removed(mark);
    outcome_.removed_days += 1;
    outcome_.removed_lines += removal.lines;
    for (const auto& [name, file] : files) {
      report({FaultKind::extra, manifest.day + "/" + name, 0, "the files of this day were let go"});
    }
  }

  // What was let go cannot hide more than it held.
  void check_removed_count() {
    const std::uint64_t gone = outcome_.ledger.removed();
    if (gone <= outcome_.removed_lines) return;
    report({FaultKind::missing, "", 0,
            std::to_string(gone) + " records are gone, the days that were let go had " +
                std::to_string(outcome_.removed_lines) + " lines"});
  }

  // Its content is gone, so what it says of itself must be signed for this very place.
  void check_tombstone(const FileToCheck& file, const Line& line) {
    const auto split = split_chained_line(line.text);
    const auto parsed = split ? parse_tombstone(split->chained) : std::nullopt;
    if (!parsed) return;  // the chain shows it
    const Tombstone& tombstone = parsed->tombstone;
    if (!parsed->signature_holds || tombstone.file != file.name || tombstone.n != split->head.n) {
      return report({FaultKind::bad_signature, file.name, line.number,
                     "a tombstone that was not signed for this place"});
    }
    unvouched_.push_back({tombstone.key, file.name, line.number});
    if (unvouched_.size() >= kMostUnvouched) drop_vouched();
  }

  void drop_vouched() {
    std::erase_if(unvouched_, [this](const Unvouched& what) { return keys_.believes(what.key); });
  }

  // A tombstone's key may be introduced by the manifest of a later day.
  Status check_vouched() {
    drop_vouched();
    if (!unvouched_.empty() && !request_.days.empty()) {
      if (const Status read = read_other_keys(); !read) return read;
      drop_vouched();
    }
    for (const Unvouched& what : unvouched_) {
      report({FaultKind::bad_signature, what.file, what.line,
              "nobody vouches for key " + hex_text(what.key)});
    }
    return {};
  }

  Status read_other_keys() {
    std::set<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(request_.root, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string day = entry->path().filename().string();
      if (is_day(day) && !days_.contains(day)) names.insert(day);
    }
    for (const std::string& day : names) {
      const auto read = read_day_manifest(request_.root, day, keys_, [](const LogFault&) {});
      if (!read) return read.error();
    }
    return {};
  }

  void check_one(const FileToCheck& file, const std::string& name) {
    // What is quarantined was never acknowledged as a record of its own.
    const bool counts = name != ".quarantine.jsonl";
    const auto facts = check_file(
        file,
        [&](const Line& line) {
          if (is_tombstone(line.text)) check_tombstone(file, line);
          if (counts) outcome_.ledger.count(line.text, {file.name, line.number}, reporter());
          progress_.bytes += line.text.size() + 1;
          progress_to_(progress_);
        },
        reporter());
    if (!facts) {
      return report({FaultKind::edit, file.name, 0, "it cannot be read: " + facts.error().message});
    }
    ++outcome_.files;
    outcome_.lines += facts->lines;
    outcome_.unsigned_lines += facts->unsigned_lines;
  }

  Status check_anchors() {
    if (request_.anchors.empty()) return {};
    auto source = open_log(request_.anchors);
    if (!source) return source.error();
    LineReader reader(std::move(*source));
    while (true) {
      const auto line = reader.next();
      if (!line) return line.error();
      if (!*line) return {};
      if (const Status checked = check_anchor(**line); !checked) return checked;
    }
  }

  Status check_anchor(const Line& line) {
    if (line.text.empty() || line.text.front() == '#') return {};
    std::uint64_t number = 0;
    const char* const end = line.text.data() + line.text.size();
    const auto parsed = std::from_chars(line.text.data(), end, number);
    const auto hash = parsed.ec == std::errc{} && parsed.ptr != end && *parsed.ptr == ' '
                          ? digest_from_hex({parsed.ptr + 1, end})
                          : std::nullopt;
    if (!hash) {
      return client_error(request_.anchors.string() + ":" + std::to_string(line.number) +
                          " must be 'number hash'");
    }
    const auto link = std::find_if(links_.begin(), links_.end(), [&](const CheckpointLink& known) {
      return known.number == number;
    });
    const std::string name = "checkpoint " + std::to_string(number);
    if (link == links_.end()) {
      report({FaultKind::truncate, "", 0, name + ", which a witness has seen, is gone"});
    } else if (link->hash != *hash) {
      report({FaultKind::edit, link->file, link->line,
              name + " is not the one that a witness has seen"});
    }
    return {};
  }

  const LogCheckRequest& request_;
  const ReportFault& report_to_;
  const std::function<void(const LogCheckProgress&)>& progress_to_;
  TrustedKeys keys_;
  std::map<std::string, DayFiles> days_;
  std::vector<CheckpointLink> links_;
  std::vector<Unvouched> unvouched_;
  LogCheckProgress progress_;
  LogCheckOutcome outcome_;
};

}  // namespace

int LogCheckOutcome::exit_code() const {
  if (faults > 0) return 1;
  if (gaps > 0) return 3;
  return unsigned_lines > 0 ? 2 : 0;
}

Result<LogCheckOutcome> check_log(const LogCheckRequest& request, const ReportFault& report,
                                  const std::function<void(const LogCheckProgress&)>& progress) {
  return LogCheck(request, report, progress).run();
}

}  // namespace albicilla
