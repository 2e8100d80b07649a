#include "converter/reading/text_store.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "converter/reading/temporary_file.h"

namespace albicilla {

namespace {

constexpr std::size_t kLeastChunk = std::size_t{16} << 10;
constexpr std::size_t kMostChunk = std::size_t{1} << 20;
constexpr std::size_t kMostSpare = std::size_t{4} << 20;

}  // namespace

TextStore::TextStore(std::size_t memory_budget, std::filesystem::path folder)
    : budget_(memory_budget), folder_(std::move(folder)) {}

TextStore::~TextStore() {
  if (fd_ >= 0) ::close(fd_);
}

void TextStore::clear() {
  // What stays in memory serves the next session.
  for (std::size_t i = first_in_memory_; i < chunks_.size(); ++i) {
    Chunk& chunk = chunks_[i];
    const bool serves =
        chunk.size <= kMostChunk && spare_bytes_ + chunk.size <= std::min(kMostSpare, budget_);
    if (!serves) continue;
    spare_bytes_ += chunk.size;
    chunk.used = 0;
    spare_.push_back(std::move(chunk));
  }
  chunks_.clear();
  in_memory_ = 0;
  first_in_memory_ = 0;
  file_size_ = 0;
  size_ = 0;
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Status TextStore::spill() {
  if (fd_ < 0) {
    auto fd = open_temporary_file(folder_);
    if (!fd) return fd.error();
    fd_ = *fd;
  }
  while (in_memory_ > budget_ && first_in_memory_ + 1 < chunks_.size()) {
    Chunk& chunk = chunks_[first_in_memory_];
    chunk.file_offset = file_size_;
    if (auto status = write_all(fd_, file_size_, {chunk.bytes.get(), chunk.used}); !status) {
      return status;
    }
    file_size_ += chunk.used;
    chunk.bytes.reset();
    in_memory_ -= chunk.size;
    ++first_in_memory_;
  }
  return {};
}

TextStore::Chunk TextStore::fresh_chunk(std::size_t size) {
  if (!spare_.empty() && spare_.back().size >= size) {
    Chunk chunk = std::move(spare_.back());
    spare_.pop_back();
    spare_bytes_ -= chunk.size;
    return chunk;
  }
  const std::size_t grown = chunks_.empty() ? kLeastChunk : chunks_.back().size * 2;
  Chunk chunk;
  chunk.size = std::max(std::min(grown, kMostChunk), size);
  chunk.bytes = std::make_unique_for_overwrite<char[]>(chunk.size);
  return chunk;
}

Result<TextRef> TextStore::append(std::string_view text, std::string_view behind) {
  const std::size_t size = text.size() + behind.size();
  if (chunks_.empty() || chunks_.back().size - chunks_.back().used < size) {
    chunks_.push_back(fresh_chunk(size));
    in_memory_ += chunks_.back().size;
    if (in_memory_ > budget_) {
      if (auto status = spill(); !status) return status.error();
    }
  }
  Chunk& chunk = chunks_.back();
  const TextRef ref{static_cast<std::uint32_t>(chunks_.size() - 1),
                    static_cast<std::uint32_t>(chunk.used),
                    static_cast<std::uint32_t>(text.size())};
  char* const into = chunk.bytes.get() + chunk.used;
  if (!text.empty()) std::memcpy(into, text.data(), text.size());
  if (!behind.empty()) std::memcpy(into + text.size(), behind.data(), behind.size());
  chunk.used += size;
  size_ += size;
  return ref;
}

Result<std::string_view> TextStore::load_from_file(const TextRef& ref, LoadedTexts& loaded) const {
  const Chunk& chunk = chunks_[ref.chunk];
  char* const into = loaded.add(ref.size);
  const auto status = read_all(fd_, chunk.file_offset + ref.at, {into, ref.size});
  if (!status) return status.error();
  return std::string_view(into, ref.size);
}

}  // namespace albicilla
