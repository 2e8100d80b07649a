#include "converter/verify/packed_lines.h"

#include <zstd.h>

#include <memory>
#include <string>
#include <utility>

namespace albicilla {

namespace {

struct FreeStream {
  void operator()(ZSTD_DCtx* stream) const { ZSTD_freeDCtx(stream); }
};

class ZstdSource final : public ByteSource {
 public:
  ZstdSource(std::unique_ptr<ByteSource> packed, std::string name)
      : packed_(std::move(packed)),
        name_(std::move(name)),
        stream_(ZSTD_createDCtx()),
        buffer_(ZSTD_DStreamInSize(), '\0') {}

  Result<std::size_t> read(std::span<char> into) override {
    ZSTD_outBuffer made{into.data(), into.size(), 0};
    while (made.pos == 0) {
      if (in_.pos == in_.size) {
        const auto count = packed_->read(buffer_);
        if (!count) return count.error();
        in_ = {buffer_.data(), *count, 0};
        if (*count == 0) {
          if (between_frames_) return std::size_t{0};
          return client_error(name_ + ": it breaks off");
        }
      }
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &made, &in_);
      if (ZSTD_isError(left) != 0) return client_error(name_ + ": " + ZSTD_getErrorName(left));
      between_frames_ = left == 0;
    }
    return made.pos;
  }

 private:
  std::unique_ptr<ByteSource> packed_;
  std::string name_;
  std::unique_ptr<ZSTD_DCtx, FreeStream> stream_;
  std::string buffer_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool between_frames_ = true;
};

}  // namespace

Result<LineReader> open_lines(const std::filesystem::path& path) {
  auto source = open_file(path);
  if (!source) return source.error();
  if (path.extension() != ".zst") return LineReader(std::move(*source));
  return LineReader(std::make_unique<ZstdSource>(std::move(*source), path.string()));
}

}  // namespace albicilla
