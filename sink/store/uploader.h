// Brings files to one store, on a thread of its own, until the store has confirmed them. The disk
// is the truth: what is there and not in the ledger is work, so a restart forgets nothing. Failures
// are tried again with growing pauses; a local file is never touched.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/io/file.h"
#include "sink/store/pacer.h"
#include "sink/store/store.h"
#include "sink/store/upload_ledger.h"

namespace albicilla {

// `whole`: sealed, does not change any more, except that erasure may rewrite it. `growing`: still
// written to, its new end is appended from time to time where the store can.
enum class UploadKind { whole, growing };

struct UploadFile {
  std::string path;  // on this disk
  std::string name;  // in the store, see object_name()
  UploadKind kind = UploadKind::whole;
};

// Everything on disk that a store should hold. Called on the uploader's thread.
class UploadSource {
 public:
  virtual ~UploadSource() = default;
  virtual Result<std::vector<UploadFile>> files() = 0;
};

// Counted since the start; thread safe to read.
struct UploadCounters {
  std::atomic<std::uint64_t> files_total{0};
  std::atomic<std::uint64_t> bytes_total{0};
  std::atomic<std::uint64_t> failures_total{0};   // attempts that will be repeated
  std::atomic<std::uint64_t> conflicts_total{0};  // files given up: other bytes are in the store
  std::atomic<std::uint64_t> waiting{0};          // files that the store has not confirmed
  std::atomic<bool> refused{false};               // the last answer asks for a person
};

struct UploadPace {
  std::chrono::milliseconds first_pause{1'000};  // after a failure; doubles with each further one
  std::chrono::milliseconds longest_pause{300'000};
  std::chrono::milliseconds rescan{600'000};
};

// What an uploader works with; everything must outlive it.
struct UploadParts {
  Store& store;
  UploadSource& source;
  UploadLedger& ledger;
  FileSystem& files;
  Pacer& pacer;
};

class Uploader {
 public:
  Uploader(const UploadParts& parts, const UploadPace& pace);
  ~Uploader();  // stop()

  void start();
  // Ends the transfer under way (the store stays as it was, or holds the whole file) and joins the
  // thread. The pacer is stopped with it, because all uploaders of a sink end together.
  void stop();

  // A file was sealed, has grown, or was rewritten. Returns at once; any thread.
  void enqueue(UploadFile file);
  // Has the store confirmed this file with this size? Any thread; for retention.
  bool confirmed(const std::string& name, std::uint64_t size) const;
  const UploadCounters& counters() const { return counters_; }
  // True when nothing waits any more; false after `most`. For tests and for an orderly end.
  bool wait_until_idle(std::chrono::milliseconds most);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Job {
    UploadFile file;
    unsigned failures = 0;
    Time not_before{};
    bool asked = false;  // enqueued, not found by a scan
  };
  enum class Next { done, again };

  void run();
  void scan();
  void add(UploadFile file, bool asked);
  bool wait_for_job(Job& job);
  void finish(Job job, Next next);
  Next upload(const Job& job);
  Next upload_whole(const UploadFile& file, const SourceFile& source, bool asked);
  Next upload_growing(const UploadFile& file, const SourceFile& source);
  Next judge(const UploadFile& file, const StoreAnswer& answer);
  bool remember(const std::string& name, const UploadedFile& uploaded);
  std::chrono::milliseconds pause_after(unsigned failures) const;

  UploadParts parts_;
  UploadPace pace_;
  UploadCounters counters_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Job> jobs_;             // by name
  std::set<std::pair<Time, std::string>> due_;  // the same, by when they may be tried
  bool scanned_ = false;                        // the disk has been looked at since the start
  bool working_ = false;
  bool stopping_ = false;
  unsigned failures_in_a_row_ = 0;
  Time pause_until_{};
  Time next_scan_{};
  std::thread thread_;
};

// The name under which a layout's file goes to a store. The session layout and user_model_day stand
// at the store's root (predecessors' readers look there), other layouts in a folder of their name.
std::string object_name(const std::string& layout, const std::string& path_below_layout);

}  // namespace albicilla
