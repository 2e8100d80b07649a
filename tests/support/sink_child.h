// albicilla-sink as a child on ipc endpoints in a scratch directory, to be killed and started
// again; and what its log root holds in the end.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/pipeline/child_process.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/wire_producer.h"

namespace albicilla::tests {

class SinkChild {
 public:
  // `root`: the log root, in the scratch directory when empty.
  // `records`: where it listens, an ipc endpoint in the scratch directory when empty.
  explicit SinkChild(std::vector<std::string> flags = {}, std::string root = {},
                     std::string records = {});

  void start();
  // What it is given when it starts the next time.
  void set_flags(std::vector<std::string> flags) { flags_ = std::move(flags); }
  // Until the sink that was started last listens; false when that takes a minute.
  bool wait_ready();
  void kill();
  // SIGTERM; the exit status.
  int stop();
  pid_t pid() const { return process_->pid(); }
  // Waits for its end by itself.
  int wait();

  WireProducer::Address address() const;
  const std::string& log_root() const { return root_; }
  std::string output() const;
  std::size_t open_descriptors() const;

 private:
  ScratchDirectory scratch_;
  std::string root_;
  std::string records_;
  std::vector<std::string> flags_;
  std::unique_ptr<support::ChildProcess> process_;
};

// A tcp endpoint of this host whose port and the next one are free.
std::string free_tcp_endpoint();

// What a log root holds: how often each record of each producer stands in it, and what is wrong.
struct RootContent {
  std::map<std::pair<std::string, std::uint64_t>, int> records;  // producer in hex, seq
  std::vector<std::string> faults;
  std::size_t files = 0;
  std::size_t gap_lines = 0;
};
RootContent read_root(const std::string& log_root);

}  // namespace albicilla::tests
