#include "sink/log/heads_file.h"

#include <algorithm>
#include <vector>

#include "common/base/bytes.h"

namespace albicilla {

namespace {

constexpr std::uint8_t kBlock = 1;
constexpr std::uint8_t kEnd = 2;
constexpr std::size_t kBlockBytes = std::size_t{64} << 10;

void append_head(std::string& out, std::string_view file, const FileHead& head) {
  append_string(out, file);
  append_integer(out, head.size);
  append_integer(out, head.index);
  append_integer(out, head.chain.n);
  out.append(reinterpret_cast<const char*>(head.chain.h.data()), head.chain.h.size());
}

NamedHead take_head(ByteReader& reader) {
  NamedHead named;
  named.file = reader.string();
  named.head.size = reader.integer<std::uint64_t>();
  named.head.index = reader.integer<std::uint64_t>();
  named.head.chain.n = reader.integer<std::uint64_t>();
  const std::string_view hash = reader.bytes(named.head.chain.h.size());
  std::copy(hash.begin(), hash.end(), reinterpret_cast<char*>(named.head.chain.h.data()));
  return named;
}

}  // namespace

Result<HeadsWriter> HeadsWriter::create(FileSystem& files, const std::string& path) {
  if (const Status removed = files.remove(path); !removed) return removed.error();
  auto file = files.create_append(path);
  if (!file) return file.error();
  return HeadsWriter(std::move(*file));
}

Status HeadsWriter::add(std::string_view file, const FileHead& head) {
  append_head(block_, file, head);
  ++count_;
  return block_.size() < kBlockBytes ? Status() : write_block();
}

Status HeadsWriter::write_block() {
  std::string entry;
  append_entry(entry, kBlock, block_);
  block_.clear();
  return file_->append(entry);
}

Result<std::uint64_t> HeadsWriter::finish() {
  if (!block_.empty()) {
    if (const Status written = write_block(); !written) return written.error();
  }
  std::string count;
  append_integer(count, count_);
  std::string entry;
  append_entry(entry, kEnd, count);
  if (const Status written = file_->append(entry); !written) return written.error();
  if (const Status synced = file_->sync(); !synced) return synced.error();
  return file_->size();
}

Result<HeadsReader> HeadsReader::open(FileSystem& files, const std::string& path) {
  auto reader = SegmentReader::open(files, path);
  if (!reader) return reader.error();
  return HeadsReader(std::move(*reader), path);
}

Result<std::optional<NamedHead>> HeadsReader::next() {
  const Error damaged = our_error(path_ + ": it is damaged or not whole");
  while (!ended_ && at_ == block_.size()) {
    const auto entry = reader_.next();
    if (!entry) return entry.error();
    if (!*entry) return damaged;
    block_.assign((*entry)->payload);
    at_ = 0;
    if ((*entry)->type == kBlock) continue;
    ByteReader end(block_);
    if ((*entry)->type != kEnd || end.integer<std::uint64_t>() != count_ || !end.finished()) {
      return damaged;
    }
    ended_ = true;
  }
  if (ended_) return std::optional<NamedHead>();
  ByteReader reader(std::string_view(block_).substr(at_));
  NamedHead named = take_head(reader);
  if (!reader.ok()) return damaged;
  at_ = block_.size() - reader.left();
  ++count_;
  return std::optional(std::move(named));
}

Status merge_heads(FileSystem& files, std::span<const std::string> paths,
                   const std::function<Status(const NamedHead&)>& visit) {
  struct Source {
    HeadsReader reader;
    std::optional<NamedHead> head;
  };
  std::vector<Source> sources;
  for (const std::string& path : paths) {
    auto reader = HeadsReader::open(files, path);
    if (!reader) return reader.error();
    auto head = reader->next();
    if (!head) return head.error();
    sources.push_back({std::move(*reader), std::move(*head)});
  }
  while (true) {
    const NamedHead* least = nullptr;  // of equal names the newest
    for (const Source& source : sources) {
      if (source.head && (least == nullptr || source.head->file <= least->file)) {
        least = &*source.head;
      }
    }
    if (least == nullptr) return {};
    const NamedHead taken = *least;
    if (const Status visited = visit(taken); !visited) return visited;
    for (Source& source : sources) {
      if (!source.head || source.head->file != taken.file) continue;
      auto head = source.reader.next();
      if (!head) return head.error();
      source.head = std::move(*head);
    }
  }
}

}  // namespace albicilla
