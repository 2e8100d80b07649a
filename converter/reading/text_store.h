// Keeps texts of one session: in memory up to a budget, beyond it in a temporary file, so that a
// session may be larger than memory. Texts never change and go all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace albicilla {

struct TextRef {
  std::uint32_t chunk = 0;
  std::uint32_t at = 0;
  std::uint32_t size = 0;
  bool empty() const { return size == 0; }
  bool operator==(const TextRef&) const = default;
};

// Holds what load() had to bring back from the file; views stay valid until clear().
class LoadedTexts {
 public:
  char* add(std::size_t size) { return texts_.emplace_back(std::make_unique<char[]>(size)).get(); }
  void clear() { texts_.clear(); }

 private:
  std::vector<std::unique_ptr<char[]>> texts_;
};

// Belongs to one thread.
class TextStore {
 public:
  // `folder` takes the temporary file, which has no name and vanishes with the process.
  TextStore(std::size_t memory_budget, std::filesystem::path folder);
  TextStore(const TextStore&) = delete;
  TextStore& operator=(const TextStore&) = delete;
  ~TextStore();

  // `text` must be shorter than 4 GiB. What is `behind` it comes with it if the size of the
  // reference is raised accordingly.
  Result<TextRef> append(std::string_view text, std::string_view behind = {});
  // The text, valid until clear() of this store and of `loaded`.
  Result<std::string_view> load(const TextRef& ref, LoadedTexts& loaded) const {
    if (ref.empty()) return std::string_view{};
    const char* const bytes = chunks_[ref.chunk].bytes.get();
    if (bytes != nullptr) return std::string_view(bytes + ref.at, ref.size);
    return load_from_file(ref, loaded);
  }
  void clear();
  // Of all texts, wherever they lie.
  std::uint64_t size() const { return size_; }

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;  // empty when it lies in the file
    std::size_t size = 0;
    std::size_t used = 0;
    std::uint64_t file_offset = 0;
  };

  Result<std::string_view> load_from_file(const TextRef& ref, LoadedTexts& loaded) const;
  Status spill();
  Chunk fresh_chunk(std::size_t size);

  std::size_t budget_;
  std::filesystem::path folder_;
  std::vector<Chunk> chunks_;
  std::vector<Chunk> spare_;  // empty, of earlier sessions
  std::size_t spare_bytes_ = 0;
  std::size_t in_memory_ = 0;
  std::size_t first_in_memory_ = 0;  // chunks before this one lie in the file
  std::uint64_t file_size_ = 0;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace albicilla
