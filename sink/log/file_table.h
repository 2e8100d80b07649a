// Where each log file stands: its size and its chain's head, for the files that may still grow.
// Decisions advance it, replay rebuilds it, checkpoints take what changed. Not thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/chain/hash_chain.h"

namespace albicilla {

struct FileHead {
  std::uint64_t size = 0;  // bytes, all lines whole
  ChainHead chain;
  std::uint64_t index = 0;  // among the files of its day, in the order of their first lines
  bool operator==(const FileHead&) const = default;
};

// A file, relative to the log root, and where it stands.
struct NamedHead {
  std::string file;
  FileHead head;
  bool operator==(const NamedHead&) const = default;
};

class FileTable {
 public:
  // The start of a chain for a file without lines.
  FileHead head(std::string_view file) const;
  bool knows(std::string_view file) const { return heads_.contains(file); }
  // Whether the file on disk is known to end at its head: true once it has advanced.
  bool settled(std::string_view file) const;
  std::size_t size() const { return heads_.size(); }

  // The table numbers the files of a day by itself.
  void advance(std::string_view file, std::uint64_t size, const ChainHead& chain);
  // The hash that the head of a file was advanced without; nothing when the file is gone.
  void set_hash(std::string_view file, const Digest& h);
  // What a checkpoint holds: not a change.
  void restore(std::string_view file, const FileHead& head);
  // Forgets the files of every day up to this one: they grow no more.
  void drop_days(std::string_view last);

  // The first day that has files; empty when there are none.
  std::string oldest_day() const;

  // What changed since the last call, sorted by name.
  std::vector<NamedHead> take_changed();
  // For a manifest that may not know them: every file counts as changed.
  void mark_all_changed();
  void for_each(const std::function<void(const std::string&, const FileHead&)>& visit) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Entry {
    FileHead head;
    bool changed = false;
    bool settled = false;
  };
  using Heads = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

  Heads heads_;
  std::map<std::string, std::uint64_t, std::less<>> next_index_;  // by day
  std::vector<Heads::value_type*> changed_;  // nodes of the map stay where they are
};

}  // namespace albicilla
