// What remains when the commit log is lost: everything is derived from the lines themselves, which
// hold producer, seq and chain. Records that had been promised but whose lines were not written yet
// are lost with the commit log; each becomes a named gap, here or when its producer comes back.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/checkpoints.h"
#include "sink/log/file_table.h"
#include "sink/log/producer_table.h"

namespace albicilla {

struct LinesFound {
  std::string sealed_until;      // by the manifests
  std::vector<NamedHead> heads;  // of days that are not sealed, sorted by name
  std::vector<std::pair<ProducerId, ProducerState>> producers;
  std::vector<std::pair<ProducerId, SeqGap>> holes;  // Seqs that are in no line and in no gap
  std::uint64_t lines = 0;
  std::uint64_t unreadable = 0;  // lines without a chain or without producer and seq
};

// Reads every plain log file below the root, in constant memory but for a few bits a record; of
// sealed days what their manifests say.
Result<LinesFound> read_lines(FileSystem& files, const std::string& log_root);

// Moves what is left of the commit log aside (`<directory>.lost-N`), writes gap lines for the holes
// and a checkpoint from which recovery can begin. May be run again after a crash.
Status rebuild(FileSystem& files, const std::string& log_root, const std::string& commit_directory,
               Checkpoints& checkpoints, WallTime now);

}  // namespace albicilla
