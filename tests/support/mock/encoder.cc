#include "tests/support/mock/encoder.h"

#include <zlib.h>
#include <zstd.h>

#include <brotli/encode.h>

namespace albicilla::mock {
namespace {

constexpr std::size_t kStep = 16 * 1024;

class ZlibEncoder final : public Encoder {
 public:
  explicit ZlibEncoder(int window_bits) {
    deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  }
  ~ZlibEncoder() override { deflateEnd(&stream_); }

  std::string encode(std::string_view bytes, bool last) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    do {
      const std::size_t start = out.size();
      out.resize(start + kStep);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + start);
      stream_.avail_out = static_cast<uInt>(kStep);
      deflate(&stream_, last ? Z_FINISH : Z_SYNC_FLUSH);
      out.resize(start + kStep - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return out;
  }

 private:
  z_stream stream_{};
};

class ZstdEncoder final : public Encoder {
 public:
  std::string encode(std::string_view bytes, bool last) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::string out;
    std::size_t left = 1;
    while (left != 0) {
      const std::size_t start = out.size();
      out.resize(start + kStep);
      ZSTD_outBuffer to{out.data() + start, kStep, 0};
      left = ZSTD_compressStream2(context_.get(), &to, &in, last ? ZSTD_e_end : ZSTD_e_flush);
      out.resize(start + to.pos);
    }
    return out;
  }

 private:
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_{ZSTD_createCCtx(), &ZSTD_freeCCtx};
};

class BrotliEncoder final : public Encoder {
 public:
  std::string encode(std::string_view bytes, bool last) override {
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t in = bytes.size();
    std::string out;
    do {
      const std::size_t start = out.size();
      out.resize(start + kStep);
      auto* next_out = reinterpret_cast<std::uint8_t*>(out.data() + start);
      std::size_t room = kStep;
      BrotliEncoderCompressStream(state_.get(),
                                  last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH, &in,
                                  &next_in, &room, &next_out, nullptr);
      out.resize(start + kStep - room);
    } while (in > 0 || BrotliEncoderHasMoreOutput(state_.get()) != BROTLI_FALSE);
    return out;
  }

 private:
  std::unique_ptr<BrotliEncoderState, decltype(&BrotliEncoderDestroyInstance)> state_{
      BrotliEncoderCreateInstance(nullptr, nullptr, nullptr), &BrotliEncoderDestroyInstance};
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(std::string_view encoding) {
  if (encoding == "gzip") return std::make_unique<ZlibEncoder>(15 + 16);
  if (encoding == "deflate") return std::make_unique<ZlibEncoder>(15);
  if (encoding == "zstd") return std::make_unique<ZstdEncoder>();
  if (encoding == "br") return std::make_unique<BrotliEncoder>();
  return nullptr;
}

}  // namespace albicilla::mock
