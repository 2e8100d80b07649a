// Undoes Content-Encoding on the log's copy of a body; the traffic itself keeps its bytes. Foreign
// bytes decide how much comes out, so there is a cap. zlib, brotli and zstd stay behind the .cc.
// Pure, thread safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace albicilla {

enum class Decoding {
  whole,   // every byte was decoded and the end was there
  cut,     // the input ended early: what could be decoded
  capped,  // more than the cap came out: the first bytes up to the cap
  failed,  // a coding that we do not know, or not what it claims to be: nothing
};

struct DecodedContent {
  Decoding outcome = Decoding::whole;
  std::string bytes;
};

// `content_encoding` is the header's value: gzip, x-gzip, deflate (with or without zlib's header),
// br, zstd, identity, or a list of them in the order in which they were applied.
DecodedContent decode_content(std::string_view bytes, std::string_view content_encoding,
                              std::size_t most_bytes);

// True when the value names a coding other than identity.
bool is_encoded(std::string_view content_encoding);

}  // namespace albicilla
