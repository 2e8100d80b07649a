// Packs the files of sealed days: `s.jsonl` becomes `s.jsonl.zst`. The disk is the truth: whatever
// lies plain in a sealed day is packed, also what an earlier process left half done.
#pragma once

#include <functional>
#include <string>

#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/sink_counters.h"

namespace albicilla {

// Writes `<path>.zst`, durably, and then removes `path`.
Status pack_file(FileSystem& files, const std::string& path);

class Packer {
 public:
  // Ends early, between two files, once `stopping` says so.
  Packer(FileSystem& files, std::string log_root, SinkCounters& counters,
         std::function<bool()> stopping)
      : files_(files),
        log_root_(std::move(log_root)),
        counters_(counters),
        stopping_(std::move(stopping)) {}

  // Every day up to this one is sealed.
  Status pack_days(const std::string& last);

 private:
  FileSystem& files_;
  std::string log_root_;
  SinkCounters& counters_;
  std::function<bool()> stopping_;
};

}  // namespace albicilla
