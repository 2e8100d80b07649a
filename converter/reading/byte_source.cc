#include "converter/reading/byte_source.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "converter/reading/read_ahead.h"

namespace albicilla {

namespace {

class PlainSource final : public ByteSource {
 public:
  PlainSource(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  PlainSource(const PlainSource&) = delete;
  PlainSource& operator=(const PlainSource&) = delete;
  ~PlainSource() override { ::close(fd_); }

  Result<std::size_t> read(std::span<char> into) override {
    for (;;) {
      const ssize_t got = ::read(fd_, into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return errno_error("read " + name_, errno);
    }
  }
  const std::string& name() const { return name_; }

 private:
  int fd_;
  std::string name_;
};

// What both decompressors share: compressed bytes that wait.
class CompressedInput {
 public:
  explicit CompressedInput(std::unique_ptr<PlainSource> file)
      : file_(std::move(file)), buffer_(std::size_t{128} << 10) {}

  // False at the end of the file.
  Result<bool> refill() {
    auto got = file_->read(buffer_);
    if (!got) return got.error();
    at_ = 0;
    end_ = *got;
    return *got > 0;
  }
  bool empty() const { return at_ == end_; }
  std::span<char> rest() { return std::span(buffer_).subspan(at_, end_ - at_); }
  void drop(std::size_t count) { at_ += count; }
  Error broken(const std::string& what) const { return client_error(file_->name() + ": " + what); }

 private:
  std::unique_ptr<PlainSource> file_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(std::unique_ptr<PlainSource> file)
      : input_(std::move(file)), stream_(ZSTD_createDStream()) {
    // A frame may ask for a window; larger ones than 128 MiB are refused.
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 27);
  }
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

  Result<std::size_t> read(std::span<char> into) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      if (input_.empty() && !flushing_) {
        auto more = input_.refill();
        if (!more) return more.error();
        if (!*more && inside_frame_) return input_.broken("the compressed file breaks off");
        if (!*more) return std::size_t{0};
      }
      ZSTD_inBuffer in{input_.rest().data(), input_.rest().size(), 0};
      const std::size_t left = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(left) != 0) return input_.broken(ZSTD_getErrorName(left));
      input_.drop(in.pos);
      inside_frame_ = left != 0;
      flushing_ = inside_frame_ && out.pos == out.size;
    }
    return out.pos;
  }

 private:
  CompressedInput input_;
  ZSTD_DStream* stream_;
  bool inside_frame_ = false;
  bool flushing_ = false;  // more output waits inside the stream than `into` took
};

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<PlainSource> file) : input_(std::move(file)) {
    ok_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<std::size_t> read(std::span<char> into) override {
    if (!ok_) return input_.broken("cannot start to decompress");
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out == into.size()) {
      if (input_.empty()) {
        auto more = input_.refill();
        if (!more) return more.error();
        if (!*more && inside_member_) return input_.broken("the compressed file breaks off");
        if (!*more) return std::size_t{0};
      }
      if (auto status = inflate_some(); !status) return status.error();
    }
    return into.size() - stream_.avail_out;
  }

 private:
  Status inflate_some() {
    const std::span<char> rest = input_.rest();
    stream_.next_in = reinterpret_cast<Bytef*>(rest.data());
    stream_.avail_in = static_cast<uInt>(rest.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return input_.broken("not valid gzip");
    }
    input_.drop(rest.size() - stream_.avail_in);
    inside_member_ = code != Z_STREAM_END;
    if (code == Z_STREAM_END) inflateReset(&stream_);
    return {};
  }

  CompressedInput input_;
  z_stream stream_{};
  bool ok_ = false;
  bool inside_member_ = false;
};

}  // namespace

bool is_packed(const std::filesystem::path& path) {
  return path.extension() == ".zst" || path.extension() == ".gz";
}

Result<std::unique_ptr<ByteSource>> open_log(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error("open " + path.string(), errno);
  auto file = std::make_unique<PlainSource>(fd, path.string());
  std::unique_ptr<ByteSource> source;
  if (path.extension() == ".zst") {
    source = std::make_unique<ZstdSource>(std::move(file));
  } else if (path.extension() == ".gz") {
    source = std::make_unique<GzipSource>(std::move(file));
  } else {
    source = std::move(file);
  }
  if (!is_packed(path)) return source;
  // A thread is worth its while where it has something to do.
  constexpr std::uintmax_t kLarge = std::uintmax_t{256} << 10;
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(path, unknown);
  return !unknown && size >= kLarge && has_spare_processor() ? read_ahead(std::move(source))
                                                             : std::move(source);
}

}  // namespace albicilla
