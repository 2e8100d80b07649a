#include "common/http/content_coding.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <vector>

#include <brotli/decode.h>

#include "common/http/headers.h"

namespace albicilla {

namespace {

constexpr std::size_t kStep = std::size_t{1} << 16;
// Content codings are applied once, rarely twice; more is an attack.
constexpr std::size_t kMostCodings = 4;
// RFC 9659: a zstd content coding uses windows of at most 8 MiB.
constexpr int kMostZstdWindowLog = 23;

// What one step of a decoder said.
enum class Step { more, end, failed };

// Runs `step(buffer, produced)` until the stream ends, fails, needs more input or fills the cap.
template <class StepFunction>
DecodedContent run(std::size_t most_bytes, StepFunction step) {
  DecodedContent result;
  std::array<char, kStep> buffer;
  while (true) {
    std::size_t produced = 0;
    const Step said = step(buffer, produced);
    const std::size_t room = most_bytes - result.bytes.size();
    result.bytes.append(buffer.data(), std::min(produced, room));
    if (produced > room) {
      result.outcome = Decoding::capped;
      return result;
    }
    if (said == Step::failed) return {Decoding::failed, {}};
    if (said == Step::end) return result;
    if (produced == 0) {
      result.outcome = Decoding::cut;
      return result;
    }
  }
}

// `window_bits` as zlib takes it: 31 gzip, 15 zlib, -15 raw deflate. Gzip members may follow one
// another.
DecodedContent inflate_content(std::string_view bytes, int window_bits, std::size_t most_bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return {Decoding::failed, {}};
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
  DecodedContent result = run(most_bytes, [&](auto& buffer, std::size_t& produced) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    int code = Z_OK;
    do {
      if (stream.avail_in == 0) {
        const std::size_t next = std::min<std::size_t>(bytes.size(), 1U << 30);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream.avail_in = static_cast<uInt>(next);
        bytes.remove_prefix(next);
      }
      code = inflate(&stream, Z_NO_FLUSH);
    } while (code == Z_OK && stream.avail_out != 0 && (stream.avail_in != 0 || !bytes.empty()));
    produced = buffer.size() - stream.avail_out;
    if (code == Z_STREAM_END) {
      const bool another = window_bits > 15 && stream.avail_in + bytes.size() > 0;
      if (!another) return Step::end;
      return inflateReset(&stream) == Z_OK ? Step::more : Step::failed;
    }
    return code == Z_OK || code == Z_BUF_ERROR ? Step::more : Step::failed;
  });
  return result;
}

DecodedContent decode_deflate(std::string_view bytes, std::size_t most_bytes) {
  DecodedContent with_header = inflate_content(bytes, 15, most_bytes);
  if (with_header.outcome != Decoding::failed) return with_header;
  return inflate_content(bytes, -15, most_bytes);
}

DecodedContent decode_brotli(std::string_view bytes, std::size_t most_bytes) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (state == nullptr) return {Decoding::failed, {}};
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  return run(most_bytes, [&](auto& buffer, std::size_t& produced) {
    auto* next_out = reinterpret_cast<std::uint8_t*>(buffer.data());
    std::size_t room = buffer.size();
    const auto said =
        BrotliDecoderDecompressStream(state.get(), &left, &next_in, &room, &next_out, nullptr);
    produced = buffer.size() - room;
    if (said == BROTLI_DECODER_RESULT_ERROR) return Step::failed;
    return said == BROTLI_DECODER_RESULT_SUCCESS ? Step::end : Step::more;
  });
}

DecodedContent decode_zstd(std::string_view bytes, std::size_t most_bytes) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  if (context == nullptr) return {Decoding::failed, {}};
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMostZstdWindowLog);
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  return run(most_bytes, [&](auto& buffer, std::size_t& produced) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(context.get(), &output, &input);
    produced = output.pos;
    if (ZSTD_isError(hint) != 0) return Step::failed;
    return hint == 0 && input.pos == input.size ? Step::end : Step::more;
  });
}

DecodedContent decode_one(std::string_view bytes, std::string_view coding, std::size_t most_bytes) {
  if (same_name(coding, "gzip") || same_name(coding, "x-gzip")) {
    return inflate_content(bytes, 31, most_bytes);
  }
  if (same_name(coding, "deflate")) return decode_deflate(bytes, most_bytes);
  if (same_name(coding, "br")) return decode_brotli(bytes, most_bytes);
  if (same_name(coding, "zstd")) return decode_zstd(bytes, most_bytes);
  return {Decoding::failed, {}};
}

// The codings of a header value without identity, in the order in which they were applied.
std::vector<std::string_view> codings_of(std::string_view value) {
  std::vector<std::string_view> codings;
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    std::string_view one = value.substr(0, comma);
    value.remove_prefix(std::min(comma + 1, value.size()));
    while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
    if (!one.empty() && !same_name(one, "identity")) codings.push_back(one);
  }
  return codings;
}

}  // namespace

bool is_encoded(std::string_view content_encoding) { return !codings_of(content_encoding).empty(); }

DecodedContent decode_content(std::string_view bytes, std::string_view content_encoding,
                              std::size_t most_bytes) {
  const auto codings = codings_of(content_encoding);
  if (codings.size() > kMostCodings) return {Decoding::failed, {}};
  DecodedContent result{Decoding::whole, std::string(bytes)};
  if (codings.empty() && result.bytes.size() > most_bytes) {
    result.bytes.resize(most_bytes);
    result.outcome = Decoding::capped;
  }
  Decoding worst = result.outcome;
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    if (result.bytes.empty()) break;
    result = decode_one(result.bytes, *coding, most_bytes);
    if (result.outcome == Decoding::failed) return result;
    if (result.outcome != Decoding::whole && worst == Decoding::whole) worst = result.outcome;
  }
  result.outcome = worst;
  return result;
}

}  // namespace albicilla
