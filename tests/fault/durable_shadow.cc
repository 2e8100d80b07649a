#include "tests/fault/durable_shadow.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

#include "tests/fault/shadow_names.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::fault {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPageBytes = 4096;

std::string name_of(const fs::path& path) { return shadow_name(AT_FDCWD, path.c_str(), 0); }

// Name in the directory -> name in the shadow.
using Listing = std::map<std::string, std::string>;

Listing current_listing(const fs::path& directory) {
  Listing listing;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (!entry.is_directory() && !entry.is_regular_file()) continue;
    listing[entry.path().filename().string()] =
        (entry.is_directory() ? "d" : "f") + name_of(entry.path());
  }
  return listing;
}

class PowerCut {
 public:
  PowerCut(const fs::path& directory, fs::path shadow, std::mt19937_64& random)
      : shadow_(std::move(shadow)), random_(random), all_lost_(coin()) {
    note_inodes(directory);
  }

  // Makes `fresh` what is left of the directory with that name in the shadow.
  void restore(const std::string& name, const fs::path& fresh) {
    fs::create_directories(fresh);
    for (const auto& [entry, inode] : listing_of(name)) {
      if (inode.front() == 'd') {
        restore(inode.substr(1), fresh / entry);
      } else {
        tests::write_whole_file((fresh / entry).string(), content_of(inode.substr(1)));
      }
    }
  }

 private:
  bool coin() { return random_() % 2 == 0; }

  // What is unsynced can only be found below its present name.
  void note_inodes(const fs::path& directory) {
    inodes_[name_of(directory)] = directory;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (entry.is_directory() || entry.is_regular_file()) inodes_[name_of(entry)] = entry;
    }
  }

  Listing listing_of(const std::string& name) {
    const auto now = inodes_.find(name);
    if (!all_lost_ && now != inodes_.end() && coin()) return current_listing(now->second);
    Listing listing;
    std::ifstream file(shadow_ / ("d" + name));
    for (std::string inode, entry; file >> inode && std::getline(file.ignore(1), entry);) {
      listing[entry] = inode;
    }
    return listing;
  }

  std::string content_of(const std::string& name) {
    std::string durable;
    if (fs::exists(shadow_ / ("f" + name))) {
      durable = tests::bytes_of_file((shadow_ / ("f" + name)).string());
    }
    const auto now = inodes_.find(name);
    if (all_lost_ || now == inodes_.end()) return durable;
    const std::string written = tests::bytes_of_file(now->second.string());
    std::string left = durable;
    if (coin()) left.resize(written.size(), '\0');
    for (std::size_t at = 0; at < left.size(); at += kPageBytes) {
      if (at >= written.size() || coin()) continue;
      const std::size_t size = std::min({kPageBytes, left.size() - at, written.size() - at});
      left.replace(at, size, written, at, size);
    }
    return left;
  }

  fs::path shadow_;
  std::mt19937_64& random_;
  bool all_lost_;
  std::map<std::string, fs::path> inodes_;
};

// A shadow of what is there, as if all had been synced.
void make_shadow(const fs::path& directory, const fs::path& shadow) {
  std::ofstream listing(shadow / ("d" + name_of(directory)));
  for (const auto& [entry, inode] : current_listing(directory)) {
    listing << inode << " " << entry << "\n";
    const fs::path path = directory / entry;
    if (inode.front() == 'd') {
      make_shadow(path, shadow);
    } else {
      fs::copy_file(path, shadow / inode, fs::copy_options::overwrite_existing);
    }
  }
}

}  // namespace

DurableShadow::DurableShadow(fs::path directory, fs::path shadow)
    : directory_(std::move(directory)), shadow_(std::move(shadow)) {
  fs::create_directories(shadow_);
  make_shadow(directory_, shadow_);
}

void DurableShadow::cut_power(std::mt19937_64& random) const {
  const fs::path fresh = directory_.string() + ".after";
  PowerCut(directory_, shadow_, random).restore(name_of(directory_), fresh);
  fs::remove_all(shadow_);
  for (const auto& entry : fs::directory_iterator(directory_)) fs::remove_all(entry);
  for (const auto& entry : fs::directory_iterator(fresh)) {
    fs::rename(entry, directory_ / entry.path().filename());
  }
  fs::remove_all(fresh);
  fs::create_directories(shadow_);
  make_shadow(directory_, shadow_);
}

}  // namespace albicilla::fault
