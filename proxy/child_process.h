// A process that the supervisor keeps alive: started with a few inherited descriptors, started
// again when it dies, with growing pauses when it dies at once.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace albicilla {

struct ChildPlan {
  std::string name;                           // for our log
  std::string executable;                     // path
  std::vector<std::string> arguments;         // without argv[0]
  std::vector<int> inherited;                 // become 3, 4, 5 ... in the child
  std::vector<std::string> environment = {};  // "NAME=value", where ours has no such name
};

class ChildProcess {
 public:
  explicit ChildProcess(ChildPlan plan) : plan_(std::move(plan)) {}

  const std::string& name() const { return plan_.name; }
  pid_t pid() const { return pid_; }  // 0 while it does not run
  bool runs() const { return pid_ != 0; }

  // Starts it now. The child gets SIGTERM when we die.
  Status start(SteadyTime now);
  // To be called when waitpid has given its pid.
  void ended(SteadyTime now);
  // When it should be started again.
  SteadyTime next_start() const { return next_start_; }
  void signal(int number) const;

 private:
  ChildPlan plan_;
  pid_t pid_ = 0;
  SteadyTime started_;
  SteadyTime next_start_;
  std::chrono::milliseconds pause_{0};
};

}  // namespace albicilla
