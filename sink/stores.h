// The stores that a sink brings its sealed days to: an uploader for each, and what retention asks
// before a day goes. The disk is the truth of what should be there, each ledger of what is.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/sink_counters.h"
#include "sink/store/registry.h"
#include "sink/store/uploader.h"

namespace albicilla {

struct StoreAsked {
  std::string name;
  StoreSettings settings;
};

// "s3:bucket=logs,region=eu-west-1"; what is not given comes from the environment.
Result<StoreAsked> parse_store(std::string_view text, const EnvironmentLookup& environment);

class Stores {
 public:
  struct Parts {
    FileSystem& files;
    const Clock& clock;
    SinkCounters& counters;
    std::string log_root;
    std::uint64_t bytes_per_second = 0;  // of all together; 0: no limit
  };

  static Result<std::unique_ptr<Stores>> open(Parts parts, const std::vector<StoreAsked>& asked);
  Stores(const Stores&) = delete;
  Stores& operator=(const Stores&) = delete;
  // Breaks off what is under way; the next start finds the rest on the disk.
  ~Stores();

  // Days up to this one are as they will stay, packed or plain. Any thread.
  void note_ready(const std::string& until);
  // A file, relative to the log root, was replaced. Any thread.
  void note_rewritten(const std::string& file);
  // Has every store confirmed every file of that day? Any thread.
  bool hold(const std::string& day);
  // Sums over the stores, for the metrics.
  void count();

 private:
  struct Fed;
  class SealedFiles;
  explicit Stores(Parts parts);
  Status add(const StoreAsked& asked);

  Parts parts_;
  Pacer pacer_;
  std::unique_ptr<SealedFiles> source_;
  std::vector<std::unique_ptr<Fed>> fed_;
};

}  // namespace albicilla
