// What the supervisor itself says to the sinks and hears from them: file prefixes of sessions
// (POST /sessions), which travel to the sink so that all workers' records follow them, and the
// counts of the sessions that a sink decides. Has a thread; the outbox of a worker is not involved.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/result.h"
#include "common/io/file.h"
#include "common/record/wire.h"
#include "proxy/outbox/sink_link.h"

namespace albicilla {

class SinkControl {
 public:
  explicit SinkControl(std::vector<SinkAddress> sinks);
  SinkControl(const SinkControl&) = delete;
  SinkControl& operator=(const SinkControl&) = delete;
  ~SinkControl();

  // Returns once every sink has it in its synced log; an error when one does not answer in time.
  // An empty prefix takes the session's away. Any thread.
  Status set_prefix(const std::string& session, const std::string& prefix,
                    std::chrono::milliseconds patience);
  // Over all sinks, as of their last watermarks. Any thread.
  SessionCounts sessions() const;

 private:
  struct Sink {
    std::unique_ptr<SinkLink> link;
    Seq durable;
    SessionCounts sessions;
    bool sent = false;  // what is asked now
  };
  struct Wish {
    std::string session;
    std::string prefix;
  };

  void run();
  void take_watermarks(Sink& sink);
  void say(Sink& sink, MessageKind kind);
  WireHeader header(MessageKind kind) const;
  bool is_everywhere() const;
  void wake() const;

  const ProducerId producer_ = random_id<ProducerId>();
  SinkTransport transport_;
  mutable std::mutex mutex_;
  std::mutex one_at_a_time_;
  std::condition_variable changed_;
  std::vector<Sink> sinks_;
  Wish wish_;
  Seq seq_;  // of the wish; 0: none yet
  bool wished_ = false;
  bool stopping_ = false;
  Fd wake_up_;
  std::thread thread_;
};

}  // namespace albicilla
