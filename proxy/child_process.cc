#include "proxy/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

namespace albicilla {
namespace {

// A child that lived this long was fine; its successor starts at once.
constexpr std::chrono::seconds kHealthyLife{5};
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr int kFirstInherited = 3;

// Between fork and exec only what is safe in a signal handler may be called.
[[noreturn]] void become(char* const* argv, char* const* environment, const std::vector<int>& high,
                         pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
  for (std::size_t i = 0; i < high.size(); ++i) {
    if (::dup2(high[i], kFirstInherited + static_cast<int>(i)) < 0) ::_exit(126);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGPIPE}) ::signal(number, SIG_DFL);
  ::execve(argv[0], argv, environment);
  ::_exit(127);
}

bool is_set(std::string_view assignment) {
  const std::string_view start = assignment.substr(0, assignment.find('=') + 1);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view ours(*variable);
    if (ours.starts_with(start) && ours.size() > start.size()) return true;
  }
  return false;
}

}  // namespace

Status ChildProcess::start(SteadyTime now) {
  std::vector<std::string> arguments{plan_.executable};
  arguments.insert(arguments.end(), plan_.arguments.begin(), plan_.arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::vector<std::string> added;
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  for (const std::string& assignment : plan_.environment) {
    if (!is_set(assignment)) added.push_back(assignment);
  }
  // The first of one name counts: ours that is empty would hide what is added.
  for (std::string& assignment : added) variables.insert(variables.begin(), assignment.data());
  variables.push_back(nullptr);
  // Moved out of the way first, so that no dup2 overwrites one that is still to come.
  std::vector<int> high;
  for (const int fd : plan_.inherited) {
    high.push_back(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstInherited + 16));
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(argv.data(), variables.data(), high, parent);
  const int why = errno;
  for (const int fd : high) ::close(fd);
  if (pid < 0) return errno_error("start " + plan_.name, why);
  pid_ = pid;
  started_ = now;
  return {};
}

void ChildProcess::ended(SteadyTime now) {
  pid_ = 0;
  const bool was_healthy = now - started_ >= kHealthyLife;
  pause_ = was_healthy ? std::chrono::milliseconds(0)
                       : std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  next_start_ = now + pause_;
}

void ChildProcess::signal(int number) const {
  if (pid_ != 0) ::kill(pid_, number);
}

}  // namespace albicilla
