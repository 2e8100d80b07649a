// A program that a test starts and is sure to end: its whole process group dies with the object,
// and it dies when the test dies.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace albicilla::support {

class ChildProcess {
 public:
  struct Command {
    std::vector<std::string> arguments;    // the program's path first
    std::vector<std::string> environment;  // "NAME=value", added to ours
    std::filesystem::path directory;       // to run in; empty: ours
    std::filesystem::path output;          // gets stdout and stderr, appended
  };

  explicit ChildProcess(const Command& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  bool running();
  // The exit status (128 + signal when killed); nullopt when it is still running after `bound`.
  std::optional<int> wait(std::chrono::milliseconds bound);

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

// Direct children of a process, and the name of the program that a process runs.
std::vector<pid_t> children_of(pid_t pid);
std::string program_of(pid_t pid);
// Proportional share of memory (shared pages counted once over all), 0 when the process is gone.
std::size_t pss_bytes(pid_t pid);
// What a process has had of the processors so far, however long it had to wait for them.
std::chrono::milliseconds processor_time_of(pid_t pid);

}  // namespace albicilla::support
