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
#include "common/chain/hash_chain.h"
#include "converter/reading/byte_source.h"

namespace albicilla {

// What is known of a line that has a chain.
struct ChainedDigests {
  ChainedLine split;
  // What its own hash is made of: the hash that the chained line before it claims (zeros for the
  // first one) and sha256 of its chained part.
  struct Link {
    Digest before;
    Digest chained;
  };
  Link link;
  Digest linked;  // sha256 of the link: its own hash, if that claim holds

  // chain_next(head, digest), without hashing when that is this link.
  ChainHead next(const ChainHead& head, const Digest& digest) const;
};

struct Line {
  std::string_view text;     // without its newline; valid until the next call
  std::uint64_t number = 0;  // from 1
  std::uint64_t offset = 0;  // of its first byte in the (decompressed) stream
  bool whole = true;         // false: the last line of a file and no newline behind it
  // From a reader with Digests::of_chains; null when the line has no chain. Valid until the next
  // call.
  const ChainedDigests* digests = nullptr;
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
  // A whole line in the buffer.
  struct Found {
    std::size_t end;      // its newline
    std::uint32_t chain;  // its place in chained_, kNoChain when it has none
  };
  static constexpr std::uint32_t kNoChain = 0xFFFFFFFF;

  Status fill();
  void grow();
  bool few_lines() const;
  void find_lines();
  void hash_lines();

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<char[]> buffer_;
  std::size_t size_;
  std::size_t from_ = 0;      // start of what has not been given out
  std::size_t to_ = 0;        // end of what has been read
  std::size_t scanned_ = 0;   // all lines before here were found
  std::uint64_t offset_ = 0;  // of from_ in the stream
  std::uint64_t number_ = 0;
  bool ended_ = true;

  Digests wanted_ = Digests::none;
  std::vector<Found> found_;  // the whole lines of the buffer
  std::size_t next_ = 0;      // of them, to be given out
  std::vector<ChainedDigests> chained_;
  Digest last_claim_{};
  std::vector<std::string_view> texts_;  // to be hashed side by side
  std::vector<Digest> digests_;          // of them
};

}  // namespace albicilla
