// A worker's directory in the spool, owned through a lock that dies with its process. Inside it one
// directory per generation, and a file that remembers which sink answered behind which endpoint.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/id128.h"
#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

struct Slot {
  std::uint32_t index = 0;
  std::string directory;
  Fd lock;
};

// The wanted slot, waiting up to `patience` for a dying owner; when it stays locked (two proxies on
// one volume), the lowest other one whose lock can be had at once.
Result<Slot> claim_slot(FileSystem& files, const std::string& spool_directory, std::uint32_t wanted,
                        std::chrono::milliseconds patience);

// Those of a proxy's workers, who come back when they die.
struct SlotRange {
  std::uint32_t first = 0;
  std::uint32_t end = 0;  // the one behind the last
  bool contains(std::uint32_t index) const { return index >= first && index < end; }
};

// Slots beside our own that exist and whose lock can be had at once: left over by workers that will
// not come back. Those that hold nothing are not worth a claim and are left alone.
Result<std::vector<Slot>> claim_left_over_slots(FileSystem& files,
                                                const std::string& spool_directory, SlotRange own);

// Number of a generation within its slot, growing with age.
using GenerationNumber = std::uint64_t;

// "gen-0000000000000001"
std::string generation_directory(const Slot& slot, GenerationNumber number);
// Oldest first.
Result<std::vector<GenerationNumber>> list_generations(FileSystem& files, const Slot& slot);

// Which log root answered behind an endpoint, kept in the slot's file `sinks`. A damaged file is
// the same as none: the next watermark fills it again.
class KnownSinks {
 public:
  KnownSinks(FileSystem& files, const Slot& slot);

  // Zero when nothing is known.
  SinkId at(const std::string& endpoint) const;
  Status remember(const std::string& endpoint, const SinkId& id);

 private:
  FileSystem& files_;
  std::string path_;
  std::map<std::string, SinkId> ids_;
};

}  // namespace albicilla
