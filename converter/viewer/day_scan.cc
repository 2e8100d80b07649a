#include "converter/viewer/day_scan.h"

#include <utility>

#include "common/base/log.h"
#include "common/chain/tombstone.h"
#include "converter/viewer/chain_check.h"

namespace albicilla::viewer {
namespace {

constexpr std::uint64_t kBatchRawBytes = std::uint64_t{8} << 20;
constexpr std::uint64_t kBatchWordBytes = std::uint64_t{4} << 20;
constexpr std::size_t kBatchLines = 4096;
// Read and hashed together: lines enough for every lane, and few enough bytes that they are still
// in the processor's cache when they are taken apart.
constexpr std::size_t kFilesTogether = 32;
constexpr std::uint64_t kBytesTogether = std::uint64_t{384} << 10;

}  // namespace

DayScan::DayScan(std::filesystem::path root, HashKey key)
    : root_(std::move(root)),
      key_(key),
      lines_(key),
      files_(kFilesTogether),
      batch_(std::string(), key) {}

void DayScan::begin(const std::string& day, std::uint64_t most_bytes, Deliver deliver) {
  most_bytes_ = most_bytes;
  batch_ = Batch(day, key_);
  open_ = 0;
  gathered_.clear();
  gathered_bytes_ = 0;
  unfinished_.clear();
  deliver_ = std::move(deliver);
}

bool DayScan::full() const {
  return batch_.raw_bytes >= kBatchRawBytes || batch_.words.bytes() >= kBatchWordBytes ||
         batch_.lines.size() >= kBatchLines || batch_.files.size() >= kBatchLines;
}

Status DayScan::scan_file(const LogFile& file, FileProgress progress) {
  progress.name = file.name;
  progress.sealed = file.sealed;
  progress.inode = file.inode;
  progress.modified_ns = file.modified_ns;
  OpenFile& open = files_[open_];
  if (Status status = open.reader.open(root_ / file.name, progress.offset); !status) {
    log_warning("log file not read", {{"file", file.name}, {"error", status.error().message}});
    return {};
  }
  open.begun = progress.offset;
  open.progress = std::move(progress);
  const std::size_t before = gathered_.size();
  open.ended = !read_lines(open, gathered_);
  open.lines = gathered_.size() - before;
  if (open.lines > 0) gathered_bytes_ += gathered_.back().end - gathered_[before].offset;
  ++open_;
  const bool enough = open_ == kFilesTogether || gathered_bytes_ >= kBytesTogether;
  return enough ? scan_open_files() : Status();
}

// False at the end of the file, and where it cannot be read on.
bool DayScan::read_lines(OpenFile& file, std::vector<TailLine>& lines) {
  auto more = file.reader.next_lines(lines);
  if (more) return *more;
  log_warning("log file not read", {{"file", file.progress.name}, {"error", more.error().message}});
  return false;
}

Status DayScan::scan_open_files() {
  const std::vector<HashedLine> hashed = hash_lines(gathered_);
  std::size_t at = 0;
  Status status;
  for (std::size_t i = 0; i < open_ && status; ++i) {
    OpenFile& file = files_[i];
    batch_.files.push_back(file.progress);
    status = take_lines(std::span(hashed).subspan(at, file.lines), file.progress);
    at += file.lines;
    if (status && !file.ended) status = scan_rest(file);
    if (status && full()) status = flush(nullptr);
  }
  open_ = 0;
  gathered_.clear();
  gathered_bytes_ = 0;
  return status;
}

// What is behind the lines that were in hand: nothing, in most files. A sealed one is read whole:
// it does not grow, so nothing would come back for its rest.
Status DayScan::scan_rest(OpenFile& file) {
  for (;;) {
    if (!file.progress.sealed && file.progress.offset - file.begun >= most_bytes_) {
      unfinished_.push_back(file.progress.name);
      return {};
    }
    gathered_.clear();
    if (!read_lines(file, gathered_)) return {};
    if (Status status = take_lines(hash_lines(gathered_), file.progress); !status) return status;
  }
}

Status DayScan::take_lines(std::span<const HashedLine> lines, FileProgress& file) {
  for (const HashedLine& hashed : lines) {
    if (full()) {
      if (Status status = flush(&file); !status) return status;
    }
    if (Status status = take(hashed, file); !status) return status;
    file.offset = hashed.line.end;
    batch_.files.back() = file;
  }
  return {};
}

Status DayScan::take(const HashedLine& hashed, FileProgress& file) {
  const TailLine& line = hashed.line;
  ++file.lines;
  batch_.raw_bytes += line.text.size() + 1;
  const auto unreadable = [&](std::string_view why) {
    if (file.unreadable++ == 0) file.unreadable_line = file.lines;
    if (file.fault.empty()) file.fault = why;
  };
  if (line.too_long) {
    unreadable("line is longer than 1 GiB");
    return {};
  }
  check_chain(file, hashed);
  if (is_quarantine(file.name)) return {};  // counted, but no part of any session
  if (is_tombstone(line.text)) {
    ++file.erased;
    return {};
  }
  auto entry = lines_.scan(line.text, line.offset, batch_.day, batch_.words);
  if (!entry) {
    unreadable(entry.error().message);
    return {};
  }
  if (entry->facts.gap) {
    if (entry->facts.gap->is_loss()) ++file.gaps;
    batch_.gaps.push_back({batch_.files.size() - 1, file.lines, entry->facts.closed_at,
                           std::move(*entry->facts.gap)});
    return {};
  }
  entry->number = file.lines;
  entry->file = batch_.files.size() - 1;
  batch_.lines.push_back(std::move(*entry));
  return {};
}

// `unfinished`: a file that goes on in the next batch.
Status DayScan::flush(const FileProgress* unfinished) {
  Batch next(batch_.day, key_);
  if (unfinished != nullptr) next.files.push_back(*unfinished);
  return deliver_(std::exchange(batch_, std::move(next)));
}

Status DayScan::finish() {
  if (Status status = scan_open_files(); !status) return status;
  return batch_.files.empty() ? Status() : flush(nullptr);
}

}  // namespace albicilla::viewer
