// Compresses an answer's body as providers do: each unit is flushed, so that a stream stays a
// stream.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace albicilla::mock {

class Encoder {
 public:
  virtual ~Encoder() = default;
  // The encoded bytes of `bytes`, flushed; with `last` also the encoding's end.
  virtual std::string encode(std::string_view bytes, bool last) = 0;
};

// gzip, deflate (zlib), br or zstd; nullptr for other names.
std::unique_ptr<Encoder> make_encoder(std::string_view encoding);

}  // namespace albicilla::mock
