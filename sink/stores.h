// The stores that a sink brings its sealed days to, and the open files of user_model_day: an
// uploader for each, what retention asks before a day goes, and a thread that counts and looks for
// what has grown. The disk is the truth of what should be there, each ledger of what is.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/sink_counters.h"
#include "sink/store/registry.h"
#include "sink/store/uploader.h"
#include "sink/stored_files.h"

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
    StoredFiles::Layouts layouts = {};
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

 private:
  struct Fed;
  explicit Stores(Parts parts);
  Status add(const StoreAsked& asked);
  void watch();
  void count();
  void feed_growing();

  Parts parts_;
  Pacer pacer_;
  StoredFiles source_;
  std::vector<std::unique_ptr<Fed>> fed_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread watch_;
};

}  // namespace albicilla
