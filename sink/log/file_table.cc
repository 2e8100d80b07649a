#include "sink/log/file_table.h"

#include <algorithm>

namespace albicilla {

FileHead FileTable::head(std::string_view file) const {
  const auto found = heads_.find(file);
  if (found != heads_.end()) return found->second.head;
  return {0, chain_start(file)};
}

bool FileTable::settled(std::string_view file) const {
  const auto found = heads_.find(file);
  return found != heads_.end() && found->second.settled;
}

void FileTable::advance(std::string_view file, const FileHead& head) {
  auto found = heads_.find(file);
  if (found == heads_.end()) found = heads_.emplace(std::string(file), Entry{}).first;
  found->second.head = head;
  found->second.settled = true;
  if (found->second.changed) return;
  found->second.changed = true;
  changed_.push_back(&*found);
}

void FileTable::restore(std::string_view file, const FileHead& head) {
  heads_[std::string(file)] = {head, false, false};
}

std::vector<NamedHead> FileTable::take_changed() {
  std::vector<NamedHead> taken;
  taken.reserve(changed_.size());
  for (auto* node : changed_) {
    node->second.changed = false;
    taken.push_back({node->first, node->second.head});
  }
  changed_.clear();
  std::sort(taken.begin(), taken.end(),
            [](const NamedHead& a, const NamedHead& b) { return a.file < b.file; });
  return taken;
}

void FileTable::for_each(
    const std::function<void(const std::string&, const FileHead&)>& visit) const {
  for (const auto& [file, entry] : heads_) visit(file, entry.head);
}

}  // namespace albicilla
