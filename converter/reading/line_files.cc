#include "converter/reading/line_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "converter/reading/temporary_file.h"

namespace albicilla {

namespace {

// Fits the second-level cache: each byte is walked over soon after it was read.
constexpr std::size_t kAhead = std::size_t{256} << 10;

}  // namespace

// Hands bytes on and keeps them in the temporary file.
class LineFiles::Keeping final : public ByteSource {
 public:
  Keeping(std::unique_ptr<ByteSource> source, LineFiles& owner)
      : source_(std::move(source)), owner_(owner) {}

  Result<std::size_t> read(std::span<char> into) override {
    auto got = source_->read(into);
    if (!got) return got;
    owner_.kept_ = write_all(owner_.unpacked_, owner_.unpacked_size_, {into.data(), *got});
    if (!owner_.kept_) return owner_.kept_.error();
    owner_.unpacked_size_ += *got;
    return got;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  LineFiles& owner_;
};

void LineFiles::clear() {
  if (fd_ >= 0 && fd_ != unpacked_) ::close(fd_);
  if (unpacked_ >= 0) ::close(unpacked_);
  fd_ = unpacked_ = -1;
  unpacked_size_ = 0;
  kept_ = {};
  starts_.clear();
  size_ = 0;
}

Result<std::unique_ptr<ByteSource>> LineFiles::open(const std::vector<LogFile>& files,
                                                    std::uint32_t file) {
  auto source = open_log(files[file].path);
  if (!source || !is_packed(files[file].path)) return source;
  if (unpacked_ < 0) {
    auto fd = open_temporary_file(folder_);
    if (!fd) return fd.error();
    unpacked_ = *fd;
  }
  starts_[file] = unpacked_size_;
  return std::unique_ptr<ByteSource>(std::make_unique<Keeping>(std::move(*source), *this));
}

Status LineFiles::change_file(const std::vector<LogFile>& files, std::uint32_t file) {
  if (fd_ >= 0 && file_ == file) return {};
  if (fd_ >= 0 && fd_ != unpacked_) ::close(fd_);
  size_ = 0;
  file_ = file;
  const auto packed = starts_.find(file);
  start_ = packed == starts_.end() ? 0 : packed->second;
  fd_ =
      packed == starts_.end() ? ::open(files[file].path.c_str(), O_RDONLY | O_CLOEXEC) : unpacked_;
  return fd_ >= 0 ? Status{} : errno_error("open " + files[file].path.string(), errno);
}

// Puts the bytes from `from` on into the buffer, at least `size` of them.
Status LineFiles::fill(std::uint64_t from, std::size_t size, bool follows) {
  const std::size_t wanted = follows ? std::max(size, kAhead) : size;
  std::size_t kept = 0;
  if (follows && from - from_ < size_) {
    kept = size_ - static_cast<std::size_t>(from - from_);
  }
  if (wanted > capacity_) {
    auto larger = std::make_unique_for_overwrite<char[]>(std::max(wanted, 2 * kAhead));
    if (kept > 0) std::memcpy(larger.get(), buffer_.get() + (size_ - kept), kept);
    capacity_ = std::max(wanted, 2 * kAhead);
    buffer_ = std::move(larger);
  } else if (kept > 0) {
    std::memmove(buffer_.get(), buffer_.get() + (size_ - kept), kept);
  }
  from_ = from;
  size_ = kept;
  while (size_ < size) {
    const ssize_t got = ::pread(fd_, buffer_.get() + size_, wanted - size_,
                                static_cast<off_t>(start_ + from + size_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read a log file", errno);
    if (got == 0) return client_error("the file was cut while it was read");
    size_ += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::string_view> LineFiles::line(const std::vector<LogFile>& files, const LineRef& line) {
  if (auto status = change_file(files, line.file); !status) return status.error();
  const bool here = line.offset >= from_ && line.offset + line.size <= from_ + size_;
  if (!here || size_ == 0) {
    // Behind what was read last, a newline in between.
    const bool follows = size_ == 0 || (line.offset >= from_ && line.offset <= from_ + size_ + 1);
    const auto size = static_cast<std::size_t>(line.size);
    if (auto status = fill(line.offset, size, follows); !status) {
      size_ = 0;
      return status.error();
    }
  }
  return std::string_view(buffer_.get() + (line.offset - from_),
                          static_cast<std::size_t>(line.size));
}

}  // namespace albicilla
