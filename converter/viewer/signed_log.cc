#include "converter/viewer/signed_log.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "converter/viewer/json_member.h"
#include "converter/viewer/log_tree.h"

namespace albicilla::viewer {
namespace {

constexpr std::size_t kMostFaults = 50;
// The sink may append while a manifest is read, and a line be seen half written.
constexpr int kMostReads = 3;

SignedDay summary(const DayManifest& manifest) {
  SignedDay day;
  day.day = manifest.day;
  day.present = manifest.present;
  day.sealed = manifest.sealed;
  day.removed = manifest.removal.has_value();
  day.checkpoints = manifest.checkpoints.size();
  if (!manifest.checkpoints.empty()) {
    const CheckpointLink& last = manifest.checkpoints.back();
    day.first = manifest.checkpoints.front().number;
    day.last = last.number;
    day.at = last.at;
    day.key = last.key;
  }
  day.files = manifest.files.size();
  for (const auto& [name, file] : manifest.files) day.lines += file.lines;
  return day;
}

}  // namespace

void add_fault(SignedDay& day, const LogFault& fault) {
  if (++day.faults <= kMostFaults) day.first_faults.push_back(fault);
}

std::string_view to_string(SignedState state) {
  constexpr std::string_view kWords[] = {"none", "part", "whole", "differs", "shorter"};
  return kWords[static_cast<std::size_t>(state)];
}

SignedState compare(const FileProgress& file, const ManifestFile* signed_state) {
  if (signed_state == nullptr) return SignedState::none;
  if (file.lines < signed_state->lines) return SignedState::shorter;
  if (file.lines > signed_state->lines) return SignedState::part;
  return file.head.h == signed_state->h ? SignedState::whole : SignedState::differs;
}

SignedLog::SignedLog(std::filesystem::path root, std::optional<PublicKey> pinned)
    : root_(std::move(root)), pinned_(pinned.has_value()) {
  if (pinned) keys_ = TrustedKeys(*pinned);
}

SignedLog::Stamp SignedLog::stamp_of(const std::string& day) const {
  struct stat facts {};
  if (::stat((root_ / day / ".manifest").c_str(), &facts) != 0) return {};
  return {static_cast<std::uint64_t>(facts.st_size),
          std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec, facts.st_ino};
}

Status SignedLog::read(const std::string& day) {
  Known known;
  std::shared_ptr<DayManifest> manifest;
  for (int attempt = 0; attempt < kMostReads; ++attempt) {
    known = Known{};
    known.stamp = stamp_of(day);
    std::vector<LogFault> faults;
    std::uint64_t count = 0;
    auto read = read_day_manifest(root_, day, keys_, [&](const LogFault& fault) {
      ++count;
      if (faults.size() < kMostFaults) faults.push_back(fault);
    });
    if (!read) return read.error();
    manifest = std::make_shared<DayManifest>(std::move(*read));
    known.day = summary(*manifest);
    known.day.faults = count;
    known.day.first_faults = std::move(faults);
    if (count == 0 || stamp_of(day) == known.stamp) break;
  }
  if (manifest->removal && !keys_.believes(manifest->removal->key)) {
    add_fault(known.day, {FaultKind::bad_signature, day + "/.manifest", 1,
                          "the removal of the day's files is not signed by a key of this log"});
  }
  known.links = manifest->checkpoints;
  last_stamp_ = known.stamp;
  last_ = std::move(manifest);
  known_[day] = std::move(known);
  return {};
}

// A key is introduced by an earlier one: oldest day first.
Status SignedLog::refresh(const std::vector<std::string>& days) {
  std::erase_if(known_, [&](const auto& known) {
    return std::find(days.begin(), days.end(), known.first) == days.end();
  });
  for (auto day = days.rbegin(); day != days.rend(); ++day) {
    const auto found = known_.find(*day);
    if (found != known_.end() && found->second.stamp == stamp_of(*day)) continue;
    if (Status status = read(*day); !status) return status;
  }
  return {};
}

Result<SignedLog::Report> SignedLog::check() {
  const auto days = list_days(root_);
  if (!days) return days.error();
  const std::lock_guard lock(mutex_);
  if (Status status = refresh(*days); !status) return status.error();
  Report report;
  std::vector<CheckpointLink> links;
  for (const std::string& day : *days) {
    const Known& known = known_.at(day);
    report.days.push_back(known.day);
    links.insert(links.end(), known.links.begin(), known.links.end());
  }
  const auto add = [&](const LogFault& fault) {
    if (report.chain.size() < kMostFaults) report.chain.push_back(fault);
  };
  check_checkpoint_chain(std::move(links), add);
  if (pinned_ && !keys_.pin_found()) {
    add({FaultKind::bad_signature, "", 0, "nothing in this log is vouched for by the given key"});
  }
  return report;
}

Result<std::shared_ptr<const DayManifest>> SignedLog::day(const std::string& day) {
  const auto days = list_days(root_);
  if (!days) return days.error();
  const std::lock_guard lock(mutex_);
  if (Status status = refresh(*days); !status) return status.error();
  if (last_ == nullptr || last_->day != day || !(last_stamp_ == stamp_of(day))) {
    if (Status status = read(day); !status) return status.error();
  }
  return last_;
}

void write_faults(JsonWriter& json, const std::vector<LogFault>& faults) {
  json.begin_array();
  for (const LogFault& fault : faults) {
    json.begin_object();
    put(json, "kind", to_string(fault.kind));
    put(json, "file", fault.file);
    put(json, "line", fault.line);
    put(json, "detail", fault.detail);
    json.end_object();
  }
  json.end_array();
}

void write_signed_day(JsonWriter& json, const SignedDay& day) {
  json.begin_object();
  put(json, "day", day.day);
  put(json, "present", day.present);
  put(json, "sealed", day.sealed);
  put(json, "removed", day.removed);
  put(json, "checkpoints", day.checkpoints);
  put(json, "first", day.first);
  put(json, "last", day.last);
  put(json, "at", day.at);
  put(json, "key", day.key ? hex_text(*day.key) : std::string());
  put(json, "files", day.files);
  put(json, "lines", day.lines);
  put(json, "fault_count", day.faults);
  json.key("faults");
  write_faults(json, day.first_faults);
  json.end_object();
}

}  // namespace albicilla::viewer
