// Puts the pieces of large records together again, within bounds. A producer sends the pieces of
// one record one after another; whatever breaks that order drops what was gathered, and the
// producer's resend starts anew. No I/O and no clock of its own. Not thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/record/wire.h"

namespace albicilla {

struct AssemblyLimits {
  // A record beyond it is taken in without its bytes, so that it holds up nobody.
  std::uint64_t record_bytes = std::uint64_t{256} << 20;
  // Of all unfinished records; beyond it the one that was begun last goes.
  std::uint64_t total_bytes = std::uint64_t{1} << 30;
};

// A record with all its pieces.
struct WholeRecord {
  WireHeader header;  // of piece 0
  std::string bytes;  // empty when oversized
  bool oversized = false;
};

class Assembly {
 public:
  explicit Assembly(AssemblyLimits limits) : limits_(limits) {}

  // The next piece of a producer, its crc checked; one-piece records need no assembly. The record,
  // when this piece completes it. Pieces out of order are dropped.
  std::optional<WholeRecord> take(const WireHeader& header, std::string_view piece, SteadyTime now);
  // Drops records that got no piece since `before`: their producer is gone.
  void drop_idle(SteadyTime before);
  void drop(const ProducerId& producer);

  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Partial {
    WholeRecord record;
    std::uint32_t next_piece = 0;
    std::uint64_t order = 0;  // when it was begun
    SteadyTime touched;
  };

  bool begin(const WireHeader& header);
  void keep_bounds();

  AssemblyLimits limits_;
  std::unordered_map<ProducerId, Partial> partials_;
  std::uint64_t bytes_ = 0;
  std::uint64_t begun_ = 0;
};

}  // namespace albicilla
