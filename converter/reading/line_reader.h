// Cuts a stream of bytes into lines. Memory is one buffer, which grows to the longest line and is
// kept from file to file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/digest.h"
#include "common/base/result.h"
#include "converter/reading/byte_source.h"

namespace albicilla {

struct Line {
  std::string_view text;     // without its newline; valid until the next call
  std::uint64_t number = 0;  // from 1
  std::uint64_t offset = 0;  // of its first byte in the (decompressed) stream
  bool whole = true;         // false: the last line of a file and no newline behind it
  // sha256 of its chained part, from a reader with Digests::of_chains; null when the line has no
  // chain. Valid until the next call.
  const Digest* chained = nullptr;
};

// Whether the reader hashes what the chain covers: it has many lines in its hands, and many
// together are hashed several times faster than one by one.
enum class Digests : std::uint8_t { none, of_chains };

// Belongs to one thread.
class LineReader {
 public:
  LineReader();
  explicit LineReader(std::unique_ptr<ByteSource> source, Digests digests = Digests::none)
      : LineReader() {
    open(std::move(source), digests);
  }

  // Starts over with another stream.
  void open(std::unique_ptr<ByteSource> source, Digests digests = Digests::none);
  // nullopt at the end. After an error, the lines that came before it are still given out, the
  // last one perhaps torn.
  Result<std::optional<Line>> next();

 private:
  Status fill();
  void grow();
  void hash_lines();
  const Digest* next_digest();

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<char[]> buffer_;
  std::size_t size_;
  std::size_t from_ = 0;      // start of what has not been given out
  std::size_t to_ = 0;        // end of what has been read
  std::size_t scanned_ = 0;   // no newline between from_ and here
  std::uint64_t offset_ = 0;  // of from_ in the stream
  std::uint64_t number_ = 0;
  bool ended_ = true;

  Digests wanted_ = Digests::none;
  std::vector<std::string_view> chained_;  // of the lines in the buffer, empty where there is none
  std::vector<Digest> digests_;
  std::size_t next_digest_ = 0;
};

}  // namespace albicilla
