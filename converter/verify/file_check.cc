#include "converter/verify/file_check.h"

#include <algorithm>

#include "common/chain/tombstone.h"
#include "converter/verify/diagnosis.h"

namespace albicilla {

namespace {

// True while every line follows from the one before it.
class ChainFollower {
 public:
  ChainFollower(std::string_view name, const std::optional<ManifestFile>& signed_state)
      : name_(name), head_(chain_start(name)), signed_state_(signed_state) {}

  void follow(const Line& line) {
    const ChainedDigests* const known = line.digests;
    const auto split = known != nullptr ? std::optional(known->split)
                       : line.whole     ? split_chained_line(line.text)
                                        : std::nullopt;
    if (!split) sound_ = false;
    if (!sound_) return;
    const Digest digest = line_digest(split->chained, name_, head_.n + 1,
                                      known != nullptr ? &known->link.chained : nullptr);
    head_ = known != nullptr ? known->next(head_, digest) : chain_next(head_, digest);
    if (split->head != head_) sound_ = false;
    if (signed_state_ && head_.n == signed_state_->lines && head_.h != signed_state_->h) {
      sound_ = false;
    }
  }

  bool sound() const { return sound_ && (!signed_state_ || head_.n >= signed_state_->lines); }
  std::uint64_t lines() const { return head_.n; }

 private:
  std::string_view name_;
  ChainHead head_;
  const std::optional<ManifestFile>& signed_state_;
  bool sound_ = true;
};

Result<FileFacts> diagnose(const FileToCheck& file, FileFacts facts, const ReportFault& report) {
  auto reader = file.open();
  if (!reader) return reader.error();
  Diagnosis diagnosis(file.name);
  while (true) {
    const auto line = reader->next();
    if (!line) return line.error();
    if (!*line) break;
    diagnosis.take(**line);
  }
  diagnosis.report(file.signed_state, report);
  facts.sound = false;
  return facts;
}

}  // namespace

Result<FileFacts> check_file(const FileToCheck& file, const VisitLine& visit,
                             const ReportFault& report) {
  auto reader = file.open();
  if (!reader) return reader.error();
  ChainFollower follower(file.name, file.signed_state);
  FileFacts facts;
  while (true) {
    const auto line = reader->next();
    if (!line) return line.error();
    if (!*line) break;
    ++facts.lines;
    follower.follow(**line);
    visit(**line);
  }
  if (!follower.sound()) return diagnose(file, facts, report);
  const std::uint64_t signed_lines = file.signed_state ? file.signed_state->lines : 0;
  facts.unsigned_lines = follower.lines() - std::min(signed_lines, follower.lines());
  return facts;
}

}  // namespace albicilla
