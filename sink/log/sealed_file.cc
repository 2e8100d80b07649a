#include "sink/log/sealed_file.h"

namespace albicilla {

namespace {

constexpr std::size_t kStep = std::size_t{256} << 10;
constexpr std::string_view kLines = ".jsonl";

Result<Walk> walk(FileSystem& files, const std::string& root, const std::string& directory,
                  const std::function<Result<Walk>(const std::string&)>& visit) {
  const auto names = files.list(root + "/" + directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const std::string path = directory + "/" + name;
    Result<Walk> walked = Walk::go_on;
    if (plain_name(name).ends_with(kLines)) {
      walked = visit(path);
    } else {
      const auto facts = files.look(root + "/" + path);
      if (!facts) return facts.error();
      if (*facts && (*facts)->directory) walked = walk(files, root, path, visit);
    }
    if (!walked || *walked == Walk::stop) return walked;
  }
  return Walk::go_on;
}

}  // namespace

std::string_view plain_name(std::string_view file) {
  if (file.ends_with(kPackedSuffix)) file.remove_suffix(kPackedSuffix.size());
  return file;
}

Result<SealedReader> SealedReader::open(FileSystem& files, const std::string& path) {
  auto file = files.open_read(path);
  if (!file) return file.error();
  if (path.ends_with(kPackedSuffix)) return SealedReader(PackedReader(std::move(*file)));
  return SealedReader(std::move(*file));
}

Result<std::size_t> SealedReader::read(std::span<char> buffer) {
  if (auto* packed = std::get_if<PackedReader>(&source_)) return packed->read(buffer);
  const auto count = std::get<0>(source_)->read_at(offset_, buffer);
  if (count) offset_ += *count;
  return count;
}

Result<std::optional<std::string_view>> SealedReader::next() {
  std::size_t searched = at_;
  while (true) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos || (ended_ && at_ < buffer_.size())) {
      const std::size_t behind = end == std::string::npos ? buffer_.size() : end + 1;
      const std::string_view line = std::string_view(buffer_).substr(at_, behind - at_);
      at_ = behind;
      return std::optional(line);
    }
    if (ended_) return std::optional<std::string_view>();
    buffer_.erase(0, at_);
    at_ = 0;
    searched = buffer_.size();
    buffer_.resize(searched + std::max(kStep, searched));
    const auto count = read(std::span(buffer_).subspan(searched));
    if (!count) return count.error();
    buffer_.resize(searched + *count);
    ended_ = *count == 0;
  }
}

Result<SealedReplacement> SealedReplacement::begin(FileSystem& files, const std::string& path) {
  SealedReplacement made(files, path);
  if (const Status removed = files.remove(path + ".new"); !removed) return removed.error();
  auto file = files.create_append(path + ".new");
  if (!file) return file.error();
  made.file_ = std::move(*file);
  if (path.ends_with(kPackedSuffix)) made.packed_.emplace(*made.file_);
  return made;
}

Status SealedReplacement::write(std::string_view bytes) {
  if (packed_) return packed_->write(bytes);
  waiting_ += bytes;
  if (waiting_.size() < kStep) return {};
  return file_->append(std::exchange(waiting_, {}));
}

Status SealedReplacement::finish() {
  const Status whole = packed_ ? packed_->finish() : file_->append(waiting_);
  if (!whole) return whole;
  if (const Status synced = file_->sync(); !synced) return synced;
  if (const Status renamed = files_->rename(path_ + ".new", path_); !renamed) return renamed;
  return files_->sync_directory(directory_of(path_));
}

Status walk_day(FileSystem& files, const std::string& log_root, const std::string& day,
                const std::function<Result<Walk>(const std::string& file)>& visit) {
  const auto walked = walk(files, log_root, day, visit);
  return walked ? Status() : Status(walked.error());
}

}  // namespace albicilla
