// Packs the files of sealed days: `s.jsonl` becomes `s.jsonl.zst`. The disk is the truth: whatever
// lies plain in a sealed day is packed, also what an earlier process left half done.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/sink_counters.h"

namespace albicilla {

// Writes `<path>.zst`, durably, and then removes `path`. libzstd stays behind packer.cc.
Status pack_file(FileSystem& files, const std::string& path);

// A thread of its own: a day may take minutes.
class Packer {
 public:
  Packer(FileSystem& files, std::string log_root, SinkCounters& counters);
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
  // Ends with the file in hand.
  ~Packer();

  // Every day up to this one is sealed.
  void pack_until(std::string day);

 private:
  void run();
  Status pack_days(const std::string& last);
  Status pack_directory(const std::string& path);
  bool stopping() const;

  FileSystem& files_;
  std::string log_root_;
  SinkCounters& counters_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string wanted_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace albicilla
