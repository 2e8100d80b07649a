// A checkpoint: all that a restart needs to know of the commit log before a position, so that the
// segments before it can go. Small but for the exchange marks; the heads of files lie in files of
// their own, which it names. Pure: bytes <-> values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "sink/log/commit_group.h"
#include "sink/log/producer_table.h"

namespace albicilla {

struct HeadsFileName {
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
  bool operator==(const HeadsFileName&) const = default;
};

struct Checkpoint {
  SinkId sink;
  std::uint64_t number = 0;
  LogPosition position;          // replay starts here
  std::uint64_t next_group = 1;  // number of the group that stands there
  std::uint64_t epoch = 0;
  std::string sealed_until;          // a day, or empty
  bool rebuilt = false;              // from the lines: manifests may not name all files
  std::vector<HeadsFileName> heads;  // a full one first, then the changes, oldest first
  std::vector<std::pair<ProducerId, ProducerState>> producers;
  std::string sessions;  // SessionTable::encode()
  std::string prefixes;  // PrefixTable::encode()
};

std::string encode(const Checkpoint& checkpoint);
Result<Checkpoint> parse_checkpoint(std::string_view bytes);

}  // namespace albicilla
