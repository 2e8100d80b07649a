#include "tests/support/faulty_file.h"

#include <algorithm>
#include <cerrno>

namespace albicilla::tests {

class FaultyAppendFile final : public AppendFile {
 public:
  FaultyAppendFile(FaultyFileSystem& files, std::unique_ptr<AppendFile> below)
      : files_(files), below_(std::move(below)), reserved_(below_->size()) {}

  using AppendFile::append;
  Status append(std::span<const std::string_view> pieces) override {
    if (const Status status = files_.enter(FileCall::append, "append"); !status) return status;
    std::string bytes;
    for (const std::string_view piece : pieces) bytes.append(piece);
    // Reserved blocks are ours already; only what goes beyond them needs room.
    const std::uint64_t end = below_->size() + bytes.size();
    const std::uint64_t wanted = end > reserved_ ? end - reserved_ : 0;
    const std::uint64_t had = files_.take_room(wanted);
    reserved_ = std::max(reserved_, end - (wanted - had));
    if (had == wanted) return below_->append(bytes);
    const auto part = static_cast<std::size_t>(bytes.size() - (wanted - had));
    if (const Status status = below_->append(std::string_view(bytes).substr(0, part)); !status) {
      return status;
    }
    return errno_error("append", ENOSPC);
  }

  Status sync() override {
    if (const Status status = files_.enter(FileCall::sync, "sync"); !status) return status;
    return below_->sync();
  }

  Status reserve(std::uint64_t size) override {
    if (const Status status = files_.enter(FileCall::reserve, "reserve"); !status) return status;
    const std::uint64_t wanted = size > reserved_ ? size - reserved_ : 0;
    const std::uint64_t had = files_.take_room(wanted);
    if (had < wanted) return errno_error("reserve", ENOSPC);
    reserved_ = std::max(reserved_, size);
    return below_->reserve(size);
  }

  Status cut(std::uint64_t size) override {
    if (const Status status = files_.enter(FileCall::cut, "cut"); !status) return status;
    reserved_ = size;
    return below_->cut(size);
  }

  std::uint64_t size() const override { return below_->size(); }

 private:
  FaultyFileSystem& files_;
  std::unique_ptr<AppendFile> below_;
  std::uint64_t reserved_;
};

class FaultyRandomFile final : public RandomFile {
 public:
  FaultyRandomFile(FaultyFileSystem& files, std::unique_ptr<RandomFile> below)
      : files_(files), below_(std::move(below)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override {
    if (const Status status = files_.enter(FileCall::read, "read"); !status) return status.error();
    return below_->read_at(offset, buffer);
  }
  Status write_at(std::uint64_t offset, std::string_view bytes) override {
    if (const Status status = files_.enter(FileCall::append, "write"); !status) return status;
    const std::uint64_t had = files_.take_room(bytes.size());
    if (had == bytes.size()) return below_->write_at(offset, bytes);
    const auto part = bytes.substr(0, static_cast<std::size_t>(had));
    if (const Status status = below_->write_at(offset, part); !status) return status;
    return errno_error("write", ENOSPC);
  }
  Status cut(std::uint64_t size) override {
    if (const Status status = files_.enter(FileCall::cut, "cut"); !status) return status;
    return below_->cut(size);
  }
  Status sync() override {
    if (const Status status = files_.enter(FileCall::sync, "sync"); !status) return status;
    return below_->sync();
  }
  Result<std::uint64_t> size() const override { return below_->size(); }

 private:
  FaultyFileSystem& files_;
  std::unique_ptr<RandomFile> below_;
};

void FaultyFileSystem::fail(FileCall call, int errno_value, std::uint64_t good_calls,
                            std::uint64_t failures) {
  const std::lock_guard lock(mutex_);
  fault(call).errno_value = errno_value;
  fault(call).good_calls = good_calls;
  fault(call).failures = failures;
}

void FaultyFileSystem::set_room(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  room_ = bytes;
}

void FaultyFileSystem::end_faults() {
  const std::lock_guard lock(mutex_);
  for (Fault& fault : faults_) fault.failures = 0;
  room_ = UINT64_MAX;
}

void FaultyFileSystem::hold(FileCall call) {
  const std::lock_guard lock(mutex_);
  fault(call).held = true;
}

void FaultyFileSystem::release() {
  const std::lock_guard lock(mutex_);
  for (Fault& fault : faults_) fault.held = false;
  changed_.notify_all();
}

std::uint64_t FaultyFileSystem::calls(FileCall call) const {
  const std::lock_guard lock(mutex_);
  return faults_[static_cast<std::size_t>(call)].calls;
}

Status FaultyFileSystem::enter(FileCall call, const char* what) {
  std::unique_lock lock(mutex_);
  Fault& entered = fault(call);
  ++entered.calls;
  changed_.wait(lock, [&] { return !entered.held; });
  if (entered.failures == 0) return {};
  if (entered.good_calls > 0) {
    --entered.good_calls;
    return {};
  }
  --entered.failures;
  return errno_error(what, entered.errno_value);
}

std::uint64_t FaultyFileSystem::take_room(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t taken = std::min(bytes, room_);
  if (room_ != UINT64_MAX) room_ -= taken;
  return taken;
}

Result<std::unique_ptr<AppendFile>> FaultyFileSystem::create_append(const std::string& path) {
  if (const Status status = enter(FileCall::open, "open"); !status) return status.error();
  auto file = below_.create_append(path);
  if (!file) return file;
  return std::unique_ptr<AppendFile>(std::make_unique<FaultyAppendFile>(*this, std::move(*file)));
}

Result<std::unique_ptr<AppendFile>> FaultyFileSystem::open_append(const std::string& path) {
  if (const Status status = enter(FileCall::open, "open"); !status) return status.error();
  auto file = below_.open_append(path);
  if (!file) return file;
  return std::unique_ptr<AppendFile>(std::make_unique<FaultyAppendFile>(*this, std::move(*file)));
}

Result<std::unique_ptr<RandomFile>> FaultyFileSystem::open_read(const std::string& path) {
  if (const Status status = enter(FileCall::open, "open"); !status) return status.error();
  auto file = below_.open_read(path);
  if (!file) return file;
  return std::unique_ptr<RandomFile>(std::make_unique<FaultyRandomFile>(*this, std::move(*file)));
}

Result<std::unique_ptr<RandomFile>> FaultyFileSystem::open_write(const std::string& path) {
  if (const Status status = enter(FileCall::open, "open"); !status) return status.error();
  auto file = below_.open_write(path);
  if (!file) return file;
  return std::unique_ptr<RandomFile>(std::make_unique<FaultyRandomFile>(*this, std::move(*file)));
}

Status FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  if (const Status status = enter(FileCall::rename, "rename"); !status) return status;
  return below_.rename(from, to);
}

Status FaultyFileSystem::remove(const std::string& path) {
  if (const Status status = enter(FileCall::remove, "remove"); !status) return status;
  return below_.remove(path);
}

Status FaultyFileSystem::remove_directory(const std::string& path) {
  if (const Status status = enter(FileCall::remove, "remove"); !status) return status;
  return below_.remove_directory(path);
}

Status FaultyFileSystem::make_directories(const std::string& path) {
  return below_.make_directories(path);
}

Status FaultyFileSystem::sync_directory(const std::string& path) {
  if (const Status status = enter(FileCall::sync_directory, "sync directory"); !status) {
    return status;
  }
  return below_.sync_directory(path);
}

Status FaultyFileSystem::sync_file_system(const std::string& path) {
  if (const Status status = enter(FileCall::sync, "sync file system"); !status) return status;
  return below_.sync_file_system(path);
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& path) {
  return below_.list(path);
}

Result<std::optional<FileFacts>> FaultyFileSystem::look(const std::string& path) {
  return below_.look(path);
}

Result<std::optional<Fd>> FaultyFileSystem::try_lock(const std::string& path) {
  return below_.try_lock(path);
}

}  // namespace albicilla::tests
