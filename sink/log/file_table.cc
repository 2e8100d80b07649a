#include "sink/log/file_table.h"

#include <algorithm>

#include "sink/layout/session.h"

namespace albicilla {

FileHead FileTable::head(std::string_view file) const {
  const auto found = heads_.find(file);
  if (found != heads_.end()) return found->second.head;
  return {0, chain_start(file), 0};
}

bool FileTable::settled(std::string_view file) const {
  const auto found = heads_.find(file);
  return found != heads_.end() && found->second.settled;
}

void FileTable::advance(std::string_view file, std::uint64_t size, const ChainHead& chain) {
  auto found = heads_.find(file);
  if (found == heads_.end()) {
    found = heads_.emplace(std::string(file), Entry{}).first;
    found->second.head.index = next_index_[std::string(day_of_file(file))]++;
  }
  Entry& entry = found->second;
  entry.head.size = size;
  entry.head.chain = chain;
  entry.settled = true;
  if (entry.changed) return;
  entry.changed = true;
  changed_.push_back(&*found);
}

void FileTable::set_hash(std::string_view file, const Digest& h) {
  const auto found = heads_.find(file);
  if (found != heads_.end()) found->second.head.chain.h = h;
}

void FileTable::restore(std::string_view file, const FileHead& head) {
  heads_[std::string(file)] = {head, false, false};
  const std::string_view day = day_of_file(file);
  auto next = next_index_.find(day);
  if (next == next_index_.end()) next = next_index_.emplace(day, 0).first;
  next->second = std::max(next->second, head.index + 1);
}

void FileTable::drop_days(std::string_view last) {
  const auto is_old = [last](std::string_view file) { return day_of_file(file) <= last; };
  std::erase_if(changed_, [&](const auto* node) { return is_old(node->first); });
  std::erase_if(heads_, [&](const auto& node) { return is_old(node.first); });
  std::erase_if(next_index_, [&](const auto& day) { return day.first <= last; });
}

std::string FileTable::oldest_day() const {
  return next_index_.empty() ? "" : next_index_.begin()->first;
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

void FileTable::mark_all_changed() {
  changed_.clear();
  for (auto& node : heads_) {
    node.second.changed = true;
    changed_.push_back(&node);
  }
}

void FileTable::for_each(
    const std::function<void(const std::string&, const FileHead&)>& visit) const {
  for (const auto& [file, entry] : heads_) visit(file, entry.head);
}

}  // namespace albicilla
