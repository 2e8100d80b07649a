#include "tests/support/mock/body_decoding.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>

namespace albicilla::mock {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;
constexpr std::size_t kStep = 64 * 1024;

std::optional<std::string> inflate_body(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 32) != Z_OK) return std::nullopt;  // gzip or zlib by its header
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int outcome = Z_OK;
  while (outcome == Z_OK && out.size() < kMostBytes) {
    const std::size_t start = out.size();
    out.resize(start + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
    stream.avail_out = static_cast<uInt>(kStep);
    outcome = inflate(&stream, Z_NO_FLUSH);
    out.resize(start + kStep - stream.avail_out);
  }
  if (outcome != Z_STREAM_END) return std::nullopt;
  return out;
}

std::optional<std::string> unzstd_body(std::string_view bytes) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  std::size_t outcome = 1;
  while (outcome != 0 && out.size() < kMostBytes) {
    const std::size_t start = out.size();
    out.resize(start + kStep);
    ZSTD_outBuffer to{out.data() + start, kStep, 0};
    const std::size_t read_before = in.pos;
    outcome = ZSTD_decompressStream(context.get(), &to, &in);
    out.resize(start + to.pos);
    const bool stuck = in.pos == read_before && to.pos == 0;
    if (ZSTD_isError(outcome) != 0 || (stuck && outcome != 0)) return std::nullopt;
  }
  if (outcome != 0) return std::nullopt;
  return out;
}

}  // namespace

std::optional<std::string> decode_body(std::string_view encoding, std::string_view bytes) {
  if (encoding == "gzip" || encoding == "deflate") return inflate_body(bytes);
  if (encoding == "zstd") return unzstd_body(bytes);
  return std::nullopt;
}

}  // namespace albicilla::mock
