#include "converter/reading/log_groups.h"

#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

#include "common/session/session_file_name.h"
#include "converter/reading/hash128.h"
#include "converter/reading/line_reader.h"
#include "converter/reading/log_entry.h"

namespace albicilla {

namespace {

// "2026-01-13/prefix-s.jsonl.zst" -> "prefix-s"
std::string stem_of(const LogFile& file) {
  const std::string name = file.path.filename().string();
  return name.substr(0, name.find(".jsonl"));
}

bool is_named_after(const LogFile& file, const std::string& session) {
  const std::string stem = stem_of(file);
  const std::string name = session_file_name(session);
  return stem == name || stem.ends_with("-" + name);
}

class Joiner {
 public:
  explicit Joiner(std::size_t files) : parent_(files) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }

  std::uint32_t root_of(std::uint32_t file) {
    while (parent_[file] != file) file = parent_[file] = parent_[parent_[file]];
    return file;
  }

  void add(std::uint32_t file, const std::string& session) {
    const auto [first, is_new] = first_file_.emplace(hash_bytes(session), file);
    if (is_new) return;
    const std::uint32_t a = root_of(first->second);
    const std::uint32_t b = root_of(file);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parent_;
  std::unordered_map<Hash128, std::uint32_t> first_file_;  // by session
};

void add_sessions(const LogFile& file, std::uint32_t number, LineReader& reader, Joiner& joiner) {
  auto source = open_log(file.path);
  if (!source) return;
  reader.open(std::move(*source));
  bool is_first = true;
  std::string session;
  for (;;) {
    const auto line = reader.next();
    if (!line || !*line) return;
    if (!leading_session_id((*line)->text, session)) continue;
    joiner.add(number, session);
    if (std::exchange(is_first, false) && is_named_after(file, session)) return;
  }
}

}  // namespace

std::vector<LogGroup> group_by_file(const std::vector<LogFile>& files) {
  std::vector<LogGroup> groups(files.size());
  for (std::uint32_t i = 0; i < files.size(); ++i) groups[i] = {i};
  return groups;
}

std::vector<LogGroup> group_by_session(const std::vector<LogFile>& files) {
  if (files.size() < 2) return group_by_file(files);
  Joiner joiner(files.size());
  LineReader reader;
  for (std::uint32_t i = 0; i < files.size(); ++i) add_sessions(files[i], i, reader, joiner);
  std::vector<LogGroup> groups;
  std::unordered_map<std::uint32_t, std::size_t> group_of_root;
  for (std::uint32_t i = 0; i < files.size(); ++i) {
    const auto [group, is_new] = group_of_root.emplace(joiner.root_of(i), groups.size());
    if (is_new) groups.emplace_back();
    groups[group->second].push_back(i);
  }
  return groups;
}

}  // namespace albicilla
