// Everything that happens to a day after its last line, on one thread, so that no two hands are on
// one file: packing, erasing, letting go. The disk says what is left to do; a restart looks again.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "common/chain/signing.h"
#include "common/io/file.h"
#include "sink/log/erasure_requests.h"
#include "sink/log/packer.h"
#include "sink/log/retention.h"
#include "sink/log/sink_counters.h"

namespace albicilla {

enum class Packing { off, zstd };

struct SealedDaysRules {
  Packing packing = Packing::off;
  RetentionRule retention;
  // Has everything of the day been put where it is to be kept? Asked before a day goes.
  std::function<bool(const std::string& day)> may_go = {};
  // Every day up to this one is as it will stay. And: this file was replaced all the same.
  std::function<void(const std::string& until)> ready = {};
  std::function<void(const std::string& file)> rewritten = {};
};

// What the sink loop knows of them.
struct SealedDaysFacts {
  std::string sealed_until;
  std::shared_ptr<const SigningKey> signer;  // introduced by a manifest; null: none has been yet
  bool date_believed = false;
  bool operator==(const SealedDaysFacts&) const = default;
};

class SealedDays {
 public:
  struct Parts {
    FileSystem& files;
    std::string log_root;
    const Clock& clock;
    SinkCounters& counters;
  };

  SealedDays(Parts parts, SealedDaysRules rules);
  SealedDays(const SealedDays&) = delete;
  SealedDays& operator=(const SealedDays&) = delete;
  // Finishes the file in hand.
  ~SealedDays();

  void note(SealedDaysFacts facts);

 private:
  void run();
  Status work(const SealedDaysFacts& facts);
  Status erase(const SealedDaysFacts& facts);
  Status erase(ErasureRequest& request, const SealedDaysFacts& facts);
  Result<bool> is_complete(const ErasureRequest& request, const std::string& sealed_until);
  Status let_go(const SealedDaysFacts& facts);
  bool stopping() const;

  Parts parts_;
  SealedDaysRules rules_;
  Packer packer_;
  ErasureRequests requests_;
  Retention retention_;
  std::string packed_until_;
  std::string ready_until_;
  std::string looked_on_;  // the day for which retention has looked, and up to where it was sealed
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  SealedDaysFacts facts_;
  bool noted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace albicilla
