#include "converter/output_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace albicilla {

namespace fs = std::filesystem;

namespace {

// Whole blocks go to the disk, each at a multiple of its size: so written, a page of the file is
// never touched twice.
constexpr std::size_t kBlock = std::size_t{64} << 10;
// Blocks that are taken ahead in one piece are written five times as fast as blocks that the file
// system finds one by one.
constexpr std::uint64_t kReserve = std::uint64_t{64} << 20;
constexpr int kZstdLevel = 3;

}  // namespace

std::string_view file_ending(Compression compression) {
  switch (compression) {
    case Compression::none:
      return "";
    case Compression::zstd:
      return ".zst";
    case Compression::gzip:
      return ".gz";
  }
  return "";
}

class OutputFile::Compressor {
 public:
  virtual ~Compressor() = default;
  // Appends what `bytes` compress to; with `last` also what was held back.
  virtual Status add(std::string_view bytes, bool last, std::string& out) = 0;
};

class OutputFile::Zstd final : public Compressor {
 public:
  Zstd() : stream_(ZSTD_createCCtx()), piece_(ZSTD_CStreamOutSize()) {
    ZSTD_CCtx_setParameter(stream_, ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(stream_, ZSTD_c_checksumFlag, 1);
  }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
  ~Zstd() override { ZSTD_freeCCtx(stream_); }

  Status add(std::string_view bytes, bool last, std::string& out) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer piece{piece_.data(), piece_.size(), 0};
      const std::size_t left =
          ZSTD_compressStream2(stream_, &piece, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      out.append(piece_.data(), piece.pos);
      if (ZSTD_isError(left) != 0) return our_error(ZSTD_getErrorName(left));
      if (last ? left == 0 : in.pos == in.size) return {};
    }
  }

 private:
  ZSTD_CCtx* stream_;
  std::vector<char> piece_;  // mostly nothing comes out: what is held back is most of a block
};

class OutputFile::Gzip final : public Compressor {
 public:
  Gzip() { ok_ = deflateInit2(&stream_, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK; }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { deflateEnd(&stream_); }

  Status add(std::string_view bytes, bool last, std::string& out) override {
    if (!ok_) return our_error("cannot start to compress");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    char piece[16384];
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece);
      stream_.avail_out = sizeof piece;
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(piece, sizeof piece - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return {};
  }

 private:
  z_stream stream_{};
  bool ok_ = false;
};

OutputFile::OutputFile(fs::path path, int fd, std::unique_ptr<Compressor> compressor)
    : path_(std::move(path)),
      part_(path_.string() + ".part"),
      fd_(fd),
      compressor_(std::move(compressor)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
  if (committed_) return;
  std::error_code ignored;
  fs::remove(part_, ignored);
}

Result<std::unique_ptr<OutputFile>> OutputFile::create(const fs::path& path,
                                                       Compression compression) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) return our_error(path.parent_path().string() + ": " + error.message());
  const std::string part = path.string() + ".part";
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return errno_error("create " + part, errno);
  std::unique_ptr<Compressor> compressor;
  if (compression == Compression::zstd) compressor = std::make_unique<Zstd>();
  if (compression == Compression::gzip) compressor = std::make_unique<Gzip>();
  return std::unique_ptr<OutputFile>(new OutputFile(path, fd, std::move(compressor)));
}

// Only once a file has shown that it gets large.
void OutputFile::reserve(std::uint64_t size) {
  if (size < kReserve / 16 || size <= reserved_) return;
  reserved_ = size + kReserve;
  ::fallocate(fd_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset_),
              static_cast<off_t>(reserved_ - offset_));
}

Status OutputFile::flush(std::size_t size) {
  reserve(offset_ + size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t wrote = ::write(fd_, buffer_.data() + done, size - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("write " + part_.string(), errno);
    done += static_cast<std::size_t>(wrote);
  }
  offset_ += size;
  buffer_.erase(0, size);
  return {};
}

Status OutputFile::flush_blocks() {
  return buffer_.size() < kBlock ? Status{} : flush(buffer_.size() - buffer_.size() % kBlock);
}

Status OutputFile::write(std::string_view bytes) {
  if (compressor_) {
    if (auto status = compressor_->add(bytes, false, buffer_); !status) return status;
  } else {
    buffer_ += bytes;
  }
  return flush_blocks();
}

Status OutputFile::write_line(std::string_view text) {
  if (compressor_) {
    auto status = write(text);
    return status ? write("\n") : status;
  }
  buffer_ += text;
  buffer_.push_back('\n');
  return flush_blocks();
}

Status OutputFile::close() {
  if (fd_ < 0) return {};
  if (compressor_) {
    if (auto status = compressor_->add({}, true, buffer_); !status) return status;
  }
  if (auto status = flush(buffer_.size()); !status) return status;
  const bool trimmed = reserved_ == 0 || ::ftruncate(fd_, static_cast<off_t>(offset_)) == 0;
  const bool closed = ::close(std::exchange(fd_, -1)) == 0;
  if (!trimmed || !closed) return errno_error("write " + part_.string(), errno);
  return {};
}

Status OutputFile::commit() {
  if (auto status = close(); !status) return status;
  std::error_code error;
  fs::rename(part_, path_, error);
  if (error) return our_error("rename " + part_.string() + ": " + error.message());
  committed_ = true;
  return {};
}

}  // namespace albicilla
