#include "tests/support/memory_disk.h"

#include <algorithm>
#include <cerrno>

namespace albicilla::tests {

namespace {

constexpr std::size_t kPage = 512;

Error died() { return errno_error("the process died", EIO); }

}  // namespace

class MemoryAppendFile final : public AppendFile {
 public:
  MemoryAppendFile(MemoryDisk& disk, std::shared_ptr<MemoryDisk::Node> node)
      : disk_(disk), node_(std::move(node)) {}

  using AppendFile::append;
  Status append(std::span<const std::string_view> pieces) override {
    std::string bytes;
    for (const std::string_view piece : pieces) bytes += piece;
    return disk_.write(*node_, node_->bytes.size(), bytes);
  }
  Status sync() override { return disk_.sync(*node_); }
  Status reserve(std::uint64_t size) override { return disk_.reserve(*node_, size); }
  Status cut(std::uint64_t size) override { return disk_.cut(*node_, size); }
  std::uint64_t size() const override { return node_->bytes.size(); }

 private:
  MemoryDisk& disk_;
  std::shared_ptr<MemoryDisk::Node> node_;
};

class MemoryRandomFile final : public RandomFile {
 public:
  MemoryRandomFile(MemoryDisk& disk, std::shared_ptr<MemoryDisk::Node> node)
      : disk_(disk), node_(std::move(node)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override {
    if (disk_.dead_) return died();
    if (offset >= node_->bytes.size()) return std::size_t{0};
    return node_->bytes.copy(buffer.data(), buffer.size(), offset);
  }
  Status write_at(std::uint64_t offset, std::string_view bytes) override {
    return disk_.write(*node_, offset, bytes);
  }
  Status cut(std::uint64_t size) override { return disk_.cut(*node_, size); }
  Status sync() override { return disk_.sync(*node_); }
  Result<std::uint64_t> size() const override { return node_->bytes.size(); }

 private:
  MemoryDisk& disk_;
  std::shared_ptr<MemoryDisk::Node> node_;
};

void MemoryDisk::revive() {
  dead_ = false;
  calls_left_ = UINT64_MAX;
}

Status MemoryDisk::change(bool& dying) {
  dying = false;
  if (dead_) return died();
  ++changes_;
  if (calls_left_ == 0) {
    dying = true;
    dead_ = true;
    return {};
  }
  --calls_left_;
  return {};
}

Status MemoryDisk::change() {
  bool dying = false;
  const Status changed = change(dying);
  return dying ? Status(died()) : changed;
}

std::uint64_t MemoryDisk::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, node] : names_) {
    bytes += std::max<std::uint64_t>(node->reserved, node->bytes.size());
  }
  return bytes;
}

Status MemoryDisk::write(Node& node, std::uint64_t offset, std::string_view bytes) {
  bool dying = false;
  if (const Status changed = change(dying); !changed) return changed;
  std::size_t count = dying ? bytes.size() / 2 : bytes.size();
  const std::uint64_t owned = std::max<std::uint64_t>(node.reserved, node.bytes.size());
  const std::uint64_t free = room_ - std::min(room_, used());
  const bool full = offset + count > owned && offset + count - owned > free;
  if (full) count = owned + free > offset ? owned + free - offset : 0;
  if (offset + count > node.bytes.size()) node.bytes.resize(offset + count);
  node.bytes.replace(offset, count, bytes.substr(0, count));
  if (dying) return died();
  return full ? Status(errno_error("write", ENOSPC)) : Status();
}

Status MemoryDisk::sync(Node& node) {
  if (const Status changed = change(); !changed) return changed;
  node.durable = node.bytes;
  return {};
}

Status MemoryDisk::reserve(Node& node, std::uint64_t size) {
  if (const Status changed = change(); !changed) return changed;
  const std::uint64_t owned = std::max<std::uint64_t>(node.reserved, node.bytes.size());
  if (size > owned && size - owned > room_ - std::min(room_, used())) {
    return errno_error("reserve", ENOSPC);
  }
  node.reserved = std::max(node.reserved, size);
  return {};
}

Status MemoryDisk::cut(Node& node, std::uint64_t size) {
  if (const Status changed = change(); !changed) return changed;
  node.bytes.resize(size);
  node.reserved = size;
  return {};
}

// Every page of a file is the old one or the new one, its size is either or in between, and each
// name that was made, changed or removed may or may not have been.
void MemoryDisk::cut_power(std::mt19937_64& random) {
  const auto coin = [&] { return (random() & 1) != 0; };
  std::set<std::shared_ptr<Node>> nodes;
  for (const Names* names : {&names_, &durable_names_}) {
    for (const auto& [path, node] : *names) nodes.insert(node);
  }
  for (const auto& node : nodes) {
    const std::string& cached = node->bytes;
    std::string kept = node->durable;
    if (cached.size() > kept.size()) {
      kept.resize(kept.size() + random() % (cached.size() - kept.size() + 1), '\0');
    } else if (coin()) {
      kept.resize(cached.size());
    }
    for (std::size_t at = 0; at < kept.size(); at += kPage) {
      if (!coin() || at >= cached.size()) continue;
      const std::size_t count = std::min({kPage, kept.size() - at, cached.size() - at});
      kept.replace(at, count, cached, at, count);
    }
    node->bytes = kept;
    node->durable = kept;
  }
  Names kept_names;
  for (const auto& [path, node] : durable_names_) {
    const auto now = names_.find(path);
    const bool unchanged = now != names_.end() && now->second == node;
    if (unchanged || coin()) kept_names[path] = node;
  }
  for (const auto& [path, node] : names_) {
    if (!kept_names.contains(path) && coin()) kept_names[path] = node;
  }
  names_ = kept_names;
  durable_names_ = std::move(kept_names);
}

std::string MemoryDisk::content(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? "" : found->second->bytes;
}

void MemoryDisk::put(const std::string& path, std::string bytes) {
  auto node = std::make_shared<Node>();
  node->bytes = bytes;
  node->durable = std::move(bytes);
  names_[path] = node;
  durable_names_[path] = node;
}

std::vector<std::string> MemoryDisk::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, node] : names_) paths.push_back(path);
  return paths;
}

Result<std::unique_ptr<AppendFile>> MemoryDisk::create_append(const std::string& path) {
  if (const Status changed = change(); !changed) return changed.error();
  if (names_.contains(path)) return errno_error("open " + path, EEXIST);
  names_[path] = std::make_shared<Node>();
  return std::unique_ptr<AppendFile>(std::make_unique<MemoryAppendFile>(*this, names_[path]));
}

Result<std::unique_ptr<AppendFile>> MemoryDisk::open_append(const std::string& path) {
  if (!names_.contains(path)) return errno_error("open " + path, ENOENT);
  return std::unique_ptr<AppendFile>(std::make_unique<MemoryAppendFile>(*this, names_[path]));
}

Result<std::unique_ptr<RandomFile>> MemoryDisk::open_read(const std::string& path) {
  if (dead_) return died();
  if (!names_.contains(path)) return errno_error("open " + path, ENOENT);
  return std::unique_ptr<RandomFile>(std::make_unique<MemoryRandomFile>(*this, names_[path]));
}

Result<std::unique_ptr<RandomFile>> MemoryDisk::open_write(const std::string& path) {
  if (!names_.contains(path)) {
    if (const Status changed = change(); !changed) return changed.error();
    names_[path] = std::make_shared<Node>();
  }
  return std::unique_ptr<RandomFile>(std::make_unique<MemoryRandomFile>(*this, names_[path]));
}

Status MemoryDisk::rename(const std::string& from, const std::string& to) {
  if (const Status changed = change(); !changed) return changed;
  if (!names_.contains(from)) return errno_error("rename " + from, ENOENT);
  names_[to] = names_[from];
  names_.erase(from);
  return {};
}

Status MemoryDisk::remove(const std::string& path) {
  if (!names_.contains(path)) return dead_ ? Status(died()) : Status();
  if (const Status changed = change(); !changed) return changed;
  names_.erase(path);
  return {};
}

Status MemoryDisk::remove_directory(const std::string& path) {
  if (const Status changed = change(); !changed) return changed;
  directories_.erase(path);
  return {};
}

// Directories themselves never get lost: they are made again wherever they are needed.
Status MemoryDisk::make_directories(const std::string& path) {
  if (dead_) return died();
  for (std::string part = path; part != "." && part != "/"; part = directory_of(part)) {
    directories_.insert(part);
  }
  return {};
}

Status MemoryDisk::sync_directory(const std::string& path) {
  if (const Status changed = change(); !changed) return changed;
  std::erase_if(durable_names_, [&](const auto& name) {
    return directory_of(name.first) == path && !names_.contains(name.first);
  });
  for (const auto& [name, node] : names_) {
    if (directory_of(name) == path) durable_names_[name] = node;
  }
  return {};
}

Status MemoryDisk::sync_file_system(const std::string&) {
  if (const Status changed = change(); !changed) return changed;
  for (const auto& [name, node] : names_) node->durable = node->bytes;
  durable_names_ = names_;
  return {};
}

Result<std::vector<std::string>> MemoryDisk::list(const std::string& path) {
  if (dead_) return died();
  std::set<std::string> found;
  for (const auto& [name, node] : names_) {
    if (directory_of(name) == path) found.insert(name.substr(path.size() + 1));
  }
  for (const std::string& directory : directories_) {
    if (directory_of(directory) == path) found.insert(directory.substr(path.size() + 1));
  }
  return std::vector<std::string>(found.begin(), found.end());
}

Result<std::optional<FileFacts>> MemoryDisk::look(const std::string& path) {
  if (dead_) return died();
  if (directories_.contains(path)) return std::optional(FileFacts{0, 0, true, 1});
  const auto found = names_.find(path);
  if (found == names_.end()) return std::optional<FileFacts>();
  const std::uint64_t bytes = found->second->bytes.size();
  return std::optional(FileFacts{bytes, bytes, false, 1});
}

Result<std::optional<Fd>> MemoryDisk::try_lock(const std::string&) {
  return std::optional<Fd>(Fd());
}

}  // namespace albicilla::tests
