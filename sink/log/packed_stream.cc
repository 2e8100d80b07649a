#include "sink/log/packed_stream.h"

#include <zstd.h>

namespace albicilla {

namespace {

constexpr int kLevel = 6;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;

}  // namespace

struct PackedWriter::Stream {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::string packed = std::string(ZSTD_CStreamOutSize(), '\0');

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { ZSTD_freeCCtx(context); }

  Status compress(std::string_view bytes, ZSTD_EndDirective end, AppendFile& to) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (true) {
      ZSTD_outBuffer made{packed.data(), packed.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context, &made, &in, end);
      if (ZSTD_isError(left) != 0) return our_error(ZSTD_getErrorName(left));
      const Status written = to.append(std::string_view(packed).substr(0, made.pos));
      if (!written) return written;
      if (end == ZSTD_e_end ? left == 0 : in.pos == in.size) return {};
    }
  }
};

PackedWriter::PackedWriter(AppendFile& to) : stream_(std::make_unique<Stream>()), to_(&to) {
  ZSTD_CCtx_setParameter(stream_->context, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(stream_->context, ZSTD_c_checksumFlag, 1);
}
PackedWriter::PackedWriter(PackedWriter&&) noexcept = default;
PackedWriter& PackedWriter::operator=(PackedWriter&&) noexcept = default;
PackedWriter::~PackedWriter() = default;

Status PackedWriter::write(std::string_view bytes) {
  return stream_->compress(bytes, ZSTD_e_continue, *to_);
}

Status PackedWriter::finish() { return stream_->compress({}, ZSTD_e_end, *to_); }

struct PackedReader::Stream {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  std::unique_ptr<RandomFile> file;
  std::string packed;
  ZSTD_inBuffer in{nullptr, 0, 0};
  std::uint64_t offset = 0;
  bool at_frame_end = true;

  explicit Stream(std::unique_ptr<RandomFile> from) : file(std::move(from)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { ZSTD_freeDCtx(context); }

  // False at the end of the file.
  Result<bool> fill() {
    packed.resize(kReadBytes);
    const auto count = file->read_at(offset, packed);
    if (!count) return count.error();
    offset += *count;
    in = {packed.data(), *count, 0};
    return *count > 0;
  }
};

PackedReader::PackedReader(std::unique_ptr<RandomFile> from)
    : stream_(std::make_unique<Stream>(std::move(from))) {}
PackedReader::PackedReader(PackedReader&&) noexcept = default;
PackedReader& PackedReader::operator=(PackedReader&&) noexcept = default;
PackedReader::~PackedReader() = default;

Result<std::size_t> PackedReader::read(std::span<char> buffer) {
  Stream& s = *stream_;
  ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
  while (out.pos < out.size) {
    if (s.in.pos == s.in.size) {
      const auto more = s.fill();
      if (!more) return more.error();
      if (!*more && !s.at_frame_end) return our_error("a packed file ends too early");
      if (!*more) break;
    }
    const std::size_t left = ZSTD_decompressStream(s.context, &out, &s.in);
    if (ZSTD_isError(left) != 0) {
      return our_error(std::string("a packed file is damaged: ") + ZSTD_getErrorName(left));
    }
    s.at_frame_end = left == 0;
  }
  return out.pos;
}

}  // namespace albicilla
