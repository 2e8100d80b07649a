#include "converter/reading/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace albicilla {

namespace {

constexpr std::size_t kFirstBuffer = std::size_t{4} << 20;

class FileSource final : public ByteSource {
 public:
  FileSource(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override { ::close(fd_); }

  Result<std::size_t> read(std::span<char> into) override {
    for (;;) {
      const ssize_t got = ::read(fd_, into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return errno_error("read " + name_, errno);
    }
  }

 private:
  int fd_;
  std::string name_;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error("open " + path.string(), errno);
  return std::unique_ptr<ByteSource>(std::make_unique<FileSource>(fd, path.string()));
}

LineReader::LineReader(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), buffer_(kFirstBuffer) {}

Status LineReader::fill() {
  if (from_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + from_, to_ - from_);
    to_ -= from_;
    scanned_ -= from_;
    from_ = 0;
  }
  if (to_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  auto got = source_->read(std::span(buffer_).subspan(to_));
  if (!got) return got.error();
  ended_ = *got == 0;
  to_ += *got;
  return {};
}

Result<std::optional<Line>> LineReader::next() {
  for (;;) {
    const char* const text = buffer_.data() + from_;
    const void* newline = std::memchr(buffer_.data() + scanned_, '\n', to_ - scanned_);
    if (newline != nullptr || (ended_ && to_ > from_)) {
      const bool whole = newline != nullptr;
      const std::size_t length =
          whole ? static_cast<std::size_t>(static_cast<const char*>(newline) - text) : to_ - from_;
      const Line line{{text, length}, ++number_, offset_, whole};
      from_ += length + (whole ? 1 : 0);
      scanned_ = from_;
      offset_ += length + (whole ? 1 : 0);
      return std::optional<Line>(line);
    }
    if (ended_) return std::optional<Line>();
    scanned_ = to_;
    if (auto status = fill(); !status) return status.error();
  }
}

}  // namespace albicilla
