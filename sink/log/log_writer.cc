#include "sink/log/log_writer.h"

#include <algorithm>

#include "sink/layout/session.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostDirectories = 4096;

}  // namespace

LogWriter::LogWriter(FileSystem& files, std::string root, std::size_t most_open)
    : files_(files), root_(std::move(root)), most_open_(std::max<std::size_t>(1, most_open)) {}

Status LogWriter::write_group(std::string_view entries, std::string_view sealed_until) {
  std::vector<LineWrite> writes;
  CommitEntryReader reader(entries);
  while (!reader.at_end()) {
    const auto entry = reader.next();
    if (!entry) return entry.error();
    const bool sealed = day_of_file(entry->write.file) <= sealed_until;
    if (!entry->write.line.empty() && !sealed) writes.push_back(entry->write);
  }
  std::stable_sort(writes.begin(), writes.end(),
                   [](const LineWrite& a, const LineWrite& b) { return a.file < b.file; });
  std::vector<LineWrite> run;
  for (const LineWrite& write : writes) {
    const bool follows = !run.empty() && run.back().file == write.file &&
                         run.back().offset + run.back().line.size() == write.offset;
    if (!follows && !run.empty()) {
      if (const Status written = write_run(run); !written) return written;
      run.clear();
    }
    run.push_back(write);
  }
  return run.empty() ? Status() : write_run(run);
}

Status LogWriter::write_run(const std::vector<LineWrite>& run) {
  const auto handle = open(run.front().file);
  if (!handle) return handle.error();
  if (run.size() == 1) return (*handle)->write_at(run.front().offset, run.front().line);
  std::string lines;
  for (const LineWrite& write : run) lines += write.line;
  return (*handle)->write_at(run.front().offset, lines);
}

Result<RandomFile*> LogWriter::open(std::string_view file) {
  const auto found = by_name_.find(file);
  if (found != by_name_.end()) {
    open_.splice(open_.begin(), open_, found->second);
    return open_.front().handle.get();
  }
  const std::string path = root_ + "/" + std::string(file);
  if (const Status made = make_directory(path); !made) return made.error();
  auto handle = files_.open_write(path);
  if (!handle) return handle.error();
  if (open_.size() >= most_open_) {
    by_name_.erase(open_.back().file);
    open_.pop_back();
  }
  open_.push_front({std::string(file), std::move(*handle)});
  by_name_.emplace(open_.front().file, open_.begin());
  return open_.front().handle.get();
}

Status LogWriter::make_directory(const std::string& path) {
  const std::string directory = directory_of(path);
  if (directories_.contains(directory)) return {};
  if (const Status made = files_.make_directories(directory); !made) return made;
  const auto root = files_.look(root_);
  if (!root) return root.error();
  const auto facts = files_.look(directory);
  if (!facts) return facts.error();
  // A checkpoint syncs the root's file system as a whole; a file on another one would be left out.
  if (!*root || !*facts || (*root)->device != (*facts)->device) {
    return our_error(directory + " must be on the file system of the log root");
  }
  if (directories_.size() >= kMostDirectories) directories_.clear();
  directories_.insert(directory);
  return {};
}

}  // namespace albicilla
