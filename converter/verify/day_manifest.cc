#include "converter/verify/day_manifest.h"

#include <algorithm>

#include "converter/reading/line_reader.h"

namespace albicilla {

namespace {

// Follows one manifest. File lines count only once a checkpoint vouches for them.
class ManifestWalk {
 public:
  ManifestWalk(DayManifest& day, std::string file, TrustedKeys& keys, const ReportFault& report)
      : day_(day), file_(std::move(file)), keys_(keys), report_(report) {}

  void take(const Line& line) {
    number_ = line.number;
    if (!line.whole) return fault(FaultKind::truncate, "its last line is not whole");
    const auto parsed = parse_manifest_line(line.text);
    if (!parsed) return fault(FaultKind::edit, parsed.error().message);
    if (const auto* file = std::get_if<ManifestFile>(&parsed->what)) {
      take_file(*file);
    } else if (const auto* key = std::get_if<ManifestKey>(&parsed->what)) {
      take_key(*key, parsed->signature_holds);
    } else if (const auto* removal = std::get_if<ManifestRemoval>(&parsed->what)) {
      take_removal(*removal, parsed->signature_holds);
    } else {
      take_checkpoint(std::get<SignedCheckpoint>(parsed->what), parsed->signature_holds, line.text);
    }
  }

 private:
  void fault(FaultKind kind, const std::string& detail) { report_({kind, file_, number_, detail}); }

  void take_file(const ManifestFile& file) {
    if (file.index > tree_.size()) return fault(FaultKind::delete_, "a file was left out");
    if (file.index == tree_.size()) lines_by_index_.push_back(0);
    lines_ += file.lines - lines_by_index_[file.index];
    lines_by_index_[file.index] = file.lines;
    tree_.set(file.index, manifest_leaf(file));
    waiting_[file.name] = file;
  }

  void take_removal(const ManifestRemoval& removal, bool signature_holds) {
    if (!signature_holds) return fault(FaultKind::bad_signature, "nobody signed the removal");
    if (removal.day != day_.day || number_ != 1) {
      return fault(FaultKind::insert, "a removal of " + removal.day + " that is not of this place");
    }
    day_.removal = removal;
  }

  void take_key(const ManifestKey& key, bool signature_holds) {
    if (!signature_holds || !keys_.introduce(key)) {
      fault(FaultKind::bad_signature, "nobody vouches for key " + hex_text(key.key));
    }
  }

  void take_checkpoint(const SignedCheckpoint& checkpoint, bool signature_holds,
                       std::string_view line) {
    const std::string name = "checkpoint " + std::to_string(checkpoint.number);
    if (!signature_holds || !keys_.believes(checkpoint.key)) {
      return fault(FaultKind::bad_signature, name + " is not signed by a key of this log");
    }
    if (checkpoint.day != day_.day) {
      return fault(FaultKind::insert, name + " is of day " + checkpoint.day);
    }
    if (day_.sealed) fault(FaultKind::insert, name + " follows the day's final one");
    // What is left after a removal names no files; the chain of checkpoints still holds it.
    const bool checks_files = !day_.removal;
    if (checks_files && (checkpoint.root != tree_.root() || checkpoint.files != tree_.size() ||
                         checkpoint.lines != lines_)) {
      fault(FaultKind::edit, name + " does not fit the files named before it");
    }
    for (auto& [file, state] : waiting_) day_.files[file] = state;
    waiting_.clear();
    day_.sealed = checkpoint.final;
    day_.checkpoints.push_back({checkpoint.number, sha256(line), checkpoint.previous, file_,
                                number_, checkpoint.at, checkpoint.key});
    day_.marks.insert(day_.marks.end(), checkpoint.producers.begin(), checkpoint.producers.end());
  }

  DayManifest& day_;
  std::string file_;
  TrustedKeys& keys_;
  const ReportFault& report_;
  std::uint64_t number_ = 0;
  MerkleTree tree_;
  std::uint64_t lines_ = 0;
  std::vector<std::uint64_t> lines_by_index_;
  std::map<std::string, ManifestFile> waiting_;
};

}  // namespace

bool TrustedKeys::introduce(const ManifestKey& line) {
  const bool first = keys_.empty();
  if (!first && !keys_.contains(line.key) && !keys_.contains(line.previous)) return false;
  if (first) keys_.insert(line.previous);
  keys_.insert(line.key);
  return true;
}

Result<DayManifest> read_day_manifest(const std::filesystem::path& root, const std::string& day,
                                      TrustedKeys& keys, const ReportFault& report) {
  DayManifest manifest;
  manifest.day = day;
  const std::string file = day + "/.manifest";
  std::error_code ignored;
  if (!std::filesystem::exists(root / file, ignored)) return manifest;
  auto source = open_log(root / file);
  if (!source) return source.error();
  manifest.present = true;
  LineReader reader(std::move(*source));
  ManifestWalk walk(manifest, file, keys, report);
  while (true) {
    const auto line = reader.next();
    if (!line) return line.error();
    if (!*line) return manifest;
    walk.take(**line);
  }
}

void check_checkpoint_chain(std::vector<CheckpointLink> links, const ReportFault& report) {
  std::stable_sort(
      links.begin(), links.end(),
      [](const CheckpointLink& a, const CheckpointLink& b) { return a.number < b.number; });
  for (std::size_t i = 1; i < links.size(); ++i) {
    const CheckpointLink& before = links[i - 1];
    const CheckpointLink& link = links[i];
    const std::string name = "checkpoint " + std::to_string(link.number);
    if (link.number == before.number) {
      report({FaultKind::insert, link.file, link.line, "there are two of " + name});
    } else if (link.number != before.number + 1) {
      report({FaultKind::delete_, link.file, link.line,
              "checkpoints " + std::to_string(before.number + 1) + " to " +
                  std::to_string(link.number - 1) + " are gone"});
    } else if (link.previous != before.hash) {
      report({FaultKind::edit, link.file, link.line,
              name + " does not follow the one before it, " + before.file + ":" +
                  std::to_string(before.line)});
    }
  }
}

}  // namespace albicilla
