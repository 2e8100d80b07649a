#include "converter/viewer/day_scan.h"

#include <utility>

#include "common/base/log.h"
#include "common/chain/tombstone.h"
#include "converter/viewer/chain_check.h"

namespace albicilla::viewer {
namespace {

constexpr std::uint64_t kBatchRawBytes = std::uint64_t{8} << 20;
constexpr std::uint64_t kBatchTextBytes = std::uint64_t{4} << 20;
constexpr std::size_t kBatchLines = 4096;

}  // namespace

void DayScan::begin(const std::string& day, Deliver deliver) {
  batch_ = Batch{};
  batch_.day = day;
  text_bytes_ = 0;
  deliver_ = std::move(deliver);
}

bool DayScan::full() const {
  return batch_.raw_bytes >= kBatchRawBytes || text_bytes_ >= kBatchTextBytes ||
         batch_.lines.size() >= kBatchLines || batch_.files.size() >= kBatchLines;
}

Status DayScan::scan_file(const LogFile& file, FileProgress progress) {
  progress.name = file.name;
  progress.sealed = file.sealed;
  progress.inode = file.inode;
  progress.modified_ns = file.modified_ns;
  if (Status status = reader_.open(root_ / file.name, progress.offset); !status) {
    log_warning("log file not read", {{"file", file.name}, {"error", status.error().message}});
    return {};
  }
  batch_.files.push_back(progress);
  for (;;) {
    auto line = reader_.next();
    if (!line) {
      log_warning("log file not read", {{"file", file.name}, {"error", line.error().message}});
      break;
    }
    if (!*line) break;
    if (Status status = take(**line, progress); !status) return status;
    progress.offset = reader_.offset();
    batch_.files.back() = progress;
    if (!full()) continue;
    if (Status status = flush(&progress); !status) return status;
  }
  return full() ? flush(nullptr) : Status();
}

Status DayScan::take(const TailLine& line, FileProgress& file) {
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
  check_chain(file, line.text);
  if (is_quarantine(file.name)) return {};  // counted, but no part of any session
  if (is_tombstone(line.text)) {
    ++file.erased;
    return {};
  }
  auto entry = lines_.scan(line.text, line.offset, batch_.day);
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
  for (const MessageEntry& message : entry->messages) text_bytes_ += message.text.size();
  batch_.lines.push_back(std::move(*entry));
  return {};
}

// `unfinished`: a file that goes on in the next batch.
Status DayScan::flush(const FileProgress* unfinished) {
  Batch next;
  next.day = batch_.day;
  if (unfinished != nullptr) next.files.push_back(*unfinished);
  text_bytes_ = 0;
  return deliver_(std::exchange(batch_, std::move(next)));
}

Status DayScan::finish() { return batch_.files.empty() ? Status() : flush(nullptr); }

}  // namespace albicilla::viewer
