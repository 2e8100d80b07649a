#include "converter/viewer/tail_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace albicilla::viewer {
namespace {

// Small enough for a log of a hundred thousand small files, large enough for one of a few big ones.
constexpr std::size_t kFirstBuffer = std::size_t{256} << 10;
constexpr std::size_t kLargeBuffer = std::size_t{16} << 20;

Result<std::size_t> read_at(int fd, std::span<char> into, std::uint64_t offset,
                            const std::string& name) {
  for (;;) {
    const ssize_t got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return errno_error("read " + name, errno);
  }
}

}  // namespace

Status TailReader::open(const std::filesystem::path& path, std::uint64_t offset) {
  name_ = path.string();
  offset_ = offset;
  from_ = to_ = scanned_ = 0;
  skipping_ = false;
  sealed_.reset();
  if (buffer_.size() > kLargeBuffer) std::vector<char>().swap(buffer_);
  if (buffer_.empty()) buffer_.resize(kFirstBuffer);
  plain_ = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (plain_.valid()) return {};
  const int plain_errno = errno;
  auto sealed = open_log(name_ + ".zst");
  if (!sealed) return errno_error("open " + name_, plain_errno);
  sealed_ = std::move(*sealed);
  return skip_sealed(offset);
}

Status TailReader::skip_sealed(std::uint64_t bytes) {
  while (bytes > 0) {
    const std::size_t want =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer_.size()));
    auto got = sealed_->read(std::span(buffer_).first(want));
    if (!got) return got.error();
    if (*got == 0) return our_error(name_ + ": ends before offset " + std::to_string(offset_));
    bytes -= *got;
  }
  return {};
}

Result<std::size_t> TailReader::fill() {
  if (from_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + from_, to_ - from_);
    to_ -= from_;
    scanned_ -= from_;
    from_ = 0;
  }
  if (to_ == buffer_.size()) {
    if (buffer_.size() >= kMostLineBytes) {
      // Forget what was read of this line; only its end is of interest now.
      offset_ += to_;
      to_ = scanned_ = 0;
      skipping_ = true;
    } else {
      buffer_.resize(buffer_.size() * 2);
    }
  }
  const std::span<char> room = std::span(buffer_).subspan(to_);
  auto got =
      sealed_ != nullptr ? sealed_->read(room) : read_at(plain_.get(), room, offset_ + to_, name_);
  if (got) to_ += *got;
  return got;
}

std::optional<TailLine> TailReader::find_line() {
  const char* const text = buffer_.data() + from_;
  const void* newline = std::memchr(buffer_.data() + scanned_, '\n', to_ - scanned_);
  if (newline == nullptr) {
    scanned_ = to_;
    return std::nullopt;
  }
  const auto length = static_cast<std::size_t>(static_cast<const char*>(newline) - text);
  TailLine line{{text, length}, offset_, offset_ + length + 1, skipping_};
  if (skipping_) line.text = {};
  skipping_ = false;
  from_ += length + 1;
  scanned_ = from_;
  offset_ = line.end;
  return line;
}

Result<std::optional<TailLine>> TailReader::next() {
  for (;;) {
    if (const auto line = find_line()) return line;
    auto got = fill();
    if (!got) return got.error();
    if (*got == 0) return std::optional<TailLine>();
  }
}

Result<bool> TailReader::next_lines(std::vector<TailLine>& lines) {
  const auto first = next();
  if (!first) return first.error();
  if (!*first) return false;
  lines.push_back(**first);
  while (const auto line = find_line()) lines.push_back(*line);
  return true;
}

Result<std::string> read_log_bytes(const std::filesystem::path& path, std::uint64_t offset,
                                   std::uint64_t size) {
  if (size > kMostLineBytes) return our_error("line is too long to be shown");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  const Fd plain(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::unique_ptr<ByteSource> sealed;
  if (!plain.valid()) {
    auto opened = open_log(path.string() + ".zst");
    if (!opened) return opened.error();
    sealed = std::move(*opened);
    std::vector<char> scratch(kFirstBuffer);
    for (std::uint64_t left = offset; left > 0;) {
      const std::size_t want =
          static_cast<std::size_t>(std::min<std::uint64_t>(left, scratch.size()));
      auto got = sealed->read(std::span(scratch).first(want));
      if (!got) return got.error();
      if (*got == 0) return our_error("log file is shorter than its index says");
      left -= *got;
    }
  }
  for (std::size_t have = 0; have < bytes.size();) {
    const std::span<char> room = std::span(bytes).subspan(have);
    auto got = plain.valid() ? read_at(plain.get(), room, offset + have, path.string())
                             : sealed->read(room);
    if (!got) return got.error();
    if (*got == 0) return our_error("log file is shorter than its index says");
    have += *got;
  }
  return bytes;
}

}  // namespace albicilla::viewer
