// One pipeline under load to which faults happen: starts it, keeps marked requests coming, waits
// until it is whole again after each fault, and judges all of it in the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tests/fault/outcome.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/network_space.h"
#include "tests/support/pipeline/pipeline.h"

namespace albicilla::fault {

class Rig {
 public:
  struct Options {
    unsigned workers = 2;
    std::string durability = "spool";
    // A sink of its own over TCP: in a network namespace where that can be made and is wanted, else
    // through fault proxies.
    bool far_sink = false;
    bool own_network = false;
    std::vector<std::string> flags = {};
    std::vector<std::string> environment = {};
    std::string log_root = {};  // as Pipeline's
    unsigned connections = 16;
    // What a client has of an answer that breaks off must be in its line, but for the last moment.
    // Not where the disk's own syncs decide how long that is.
    bool keeps_broken_answers = true;
    std::string words = "events=60 interval_ms=6";  // for the mock provider
  };

  explicit Rig(Options options);
  ~Rig();

  support::Pipeline& pipeline() { return *pipeline_; }
  Outcome& outcome() { return outcome_; }
  void problem(std::string what) { outcome_.problems.push_back(std::move(what)); }
  // For whoever looks into a run that is not sound.
  void note(std::string what) { story_.push_back(std::move(what)); }
  // A file of the rig's own, gone with it.
  std::string scratch(std::string_view name) const { return scratch_.path(name); }

  // The process ids of the parts that run now.
  std::vector<pid_t> workers() const { return pipeline_->workers(); }
  pid_t sink();
  // What happens between proxy and far sink to the records or the watermarks.
  using Cut = support::FaultProxy::Cut;
  void cut_records(Cut cut);
  void cut_watermarks(Cut cut);
  bool has_own_network() const { return network_ != nullptr; }
  // Again with the same flags and perhaps more, after it has ended.
  void start_far_sink(const std::vector<std::string>& more = {});
  void stop_far_sink(int signal);
  // Since its last start.
  bool far_sink_is_ready() const;

  // Marked requests without an end, until stop_load(); or so many.
  void start_load(std::uint64_t requests = std::numeric_limits<std::uint64_t>::max());
  void stop_load();
  bool wait_for_load(milliseconds bound);
  bool is_loading() { return load_ && load_->running(); }

  // The fault, then the wait until every part runs and a new request stands in the log. Does
  // nothing when there is a problem already.
  void inject(const std::function<void()>& fault);
  bool wait_whole(milliseconds bound);
  // SIGKILL to supervisor, workers and sink at once, `meanwhile`, and a start.
  bool restart_after(const std::function<void()>& meanwhile);

  // Ends the load and the pipeline and judges. With `compares_metrics` the counters must agree with
  // the log: only where no worker died, whose last tenth of a second of counting dies with it.
  struct Closing {
    bool compares_metrics = false;
    bool verifies = true;
    milliseconds log_bound{60'000};
  };
  Outcome finish(const Closing& closing);
  Outcome finish() { return finish(Closing()); }

 private:
  bool probe_is_logged();
  void probe();
  void plan_far_sink();
  void look();
  void compare_metrics();
  void verify();

  Options options_;
  tests::ScratchDirectory scratch_;  // outlives the processes that write there
  Outcome outcome_;
  std::unique_ptr<support::NetworkSpace> network_;
  std::uint16_t record_port_ = 0;
  std::uint16_t watermark_port_ = 0;
  std::unique_ptr<support::FaultProxy> records_;  // without a network of its own
  std::unique_ptr<support::FaultProxy> watermarks_;
  std::unique_ptr<support::ChildProcess> far_sink_;
  std::vector<std::string> far_command_;
  std::size_t far_output_ = 0;  // what it had said before its last start
  std::vector<std::string> story_;
  std::unique_ptr<support::Pipeline> pipeline_;
  std::unique_ptr<support::ChildProcess> load_;
  std::vector<std::filesystem::path> journals_;
  std::vector<ClientEvidence> probes_;
};

}  // namespace albicilla::fault
