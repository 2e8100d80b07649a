#include "proxy/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/counters.h"
#include "common/base/id128.h"
#include "common/base/log.h"
#include "proxy/child_process.h"
#include "proxy/control/control_server.h"
#include "proxy/handover.h"
#include "proxy/listening_socket.h"
#include "proxy/runtime_directory.h"

namespace albicilla {
namespace {

// Beyond the drain time a worker may need this long to cut and flush.
constexpr std::chrono::seconds kFlushTime{10};

std::string own_directory() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  const std::string executable(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return executable.substr(0, executable.rfind('/'));
}

class Supervisor {
 public:
  Supervisor(Json settings, const Config& config)
      : settings_(std::move(settings)), config_(config) {}

  Status start();
  int run();

 private:
  Status start_sink();
  Status start_workers(const ListeningSockets& sockets);
  Status start_control();
  void note_signals();
  void reap();
  void restart_dead();
  int wait_milliseconds() const;
  void begin_drain();
  void stop_sink();
  bool any_worker() const;
  CounterSums sums() const;

  Json settings_;  // as the workers are told them
  const Config& config_;
  SystemClock clock_;
  std::vector<int> pages_;
  std::vector<Counters> counters_;
  std::vector<ChildProcess> workers_;
  std::vector<ChildProcess> sinks_;  // one or none
  std::unique_ptr<ControlServer> control_;
  ControlEndpoint control_endpoint_;
  std::atomic<bool> draining_{false};
  SteadyTime drain_ends_ = SteadyTime::max();
  int signals_ = -1;
};

Status Supervisor::start() {
  sigset_t watched;
  ::sigemptyset(&watched);
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&watched, number);
  ::pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  signals_ = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0) return errno_error("signalfd", errno);
  ::signal(SIGPIPE, SIG_IGN);
  auto sockets = open_listening_sockets(config_.host, config_.port, config_.workers);
  if (!sockets) return sockets.error();
  for (std::uint32_t slot = 0; slot < config_.workers; ++slot) {
    auto page = Counters::make_page();
    if (!page) return page.error();
    auto counters = Counters::map(*page);
    if (!counters) return counters.error();
    pages_.push_back(*page);
    counters_.push_back(std::move(*counters));
  }
  if (config_.own_sink() && !config_.bench_discard_log) {
    if (Status sink = start_sink(); !sink) return sink;
  }
  if (Status control = start_control(); !control) return control;
  if (Status workers = start_workers(*sockets); !workers) return workers;
  log_info("listening", {{"host", config_.host},
                         {"port", sockets->port},
                         {"workers", config_.workers},
                         {"upstream", config_.upstream.base_url}});
  return {};
}

Status Supervisor::start_sink() {
  auto directory = runtime_directory(config_.log_root);
  if (!directory) return directory.error();
  const std::string records = "ipc://" + *directory + "/records";
  const std::string watermarks = "ipc://" + *directory + "/watermarks";
  settings_.set("sink", Json::array({records}));
  settings_.set("sink-ack", Json::array({watermarks}));
  settings_.set("spool-dir", config_.spool.directory);
  ChildPlan plan;
  plan.name = "sink";
  plan.executable = own_directory() + "/albicilla-sink";
  plan.arguments = {"--listen",       records,  "--ack-listen", watermarks, "--log-root",
                    config_.log_root, "--http", "off"};  // our own control server speaks for it
  plan.arguments.insert(plan.arguments.end(), config_.sink_arguments.begin(),
                        config_.sink_arguments.end());
  if (::access(plan.executable.c_str(), X_OK) != 0) {
    return our_error(plan.executable + ": the sink must stand beside the proxy (or use --sink)");
  }
  sinks_.emplace_back(std::move(plan));
  return sinks_.back().start(clock_.steady());
}

Status Supervisor::start_control() {
  ControlServer::Sources sources;
  sources.counters = [this] { return sums(); };
  sources.draining = [this] { return draining_.load(); };
  sources.upstream = config_.upstream.base_url;
  sources.token = hex_text(random_bytes16()) + hex_text(random_bytes16());
  control_endpoint_.token = sources.token;
  auto server = ControlServer::start(std::move(sources));
  if (!server) return server.error();
  control_ = std::move(*server);
  control_endpoint_.port = control_->port();
  return {};
}

Status Supervisor::start_workers(const ListeningSockets& sockets) {
  auto handover = Handover::make(settings_, control_endpoint_);
  if (!handover) return handover.error();
  for (std::uint32_t slot = 0; slot < config_.workers; ++slot) {
    ChildPlan plan;
    plan.name = "worker " + std::to_string(slot);
    plan.executable = "/proc/self/exe";
    plan.arguments = {"worker", std::to_string(slot)};
    plan.inherited = handover->descriptors(sockets.fds[slot], pages_[slot]);
    workers_.emplace_back(std::move(plan));
    if (Status started = workers_.back().start(clock_.steady()); !started) return started;
  }
  return {};
}

CounterSums Supervisor::sums() const {
  CounterSums all;
  for (const Counters& counters : counters_) counters.sum_into(all);
  return all;
}

bool Supervisor::any_worker() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const auto& each) { return each.runs(); });
}

int Supervisor::run() {
  while (!draining_ || any_worker()) {
    pollfd asked{signals_, POLLIN, 0};
    ::poll(&asked, 1, wait_milliseconds());
    note_signals();
    reap();
    restart_dead();
  }
  stop_sink();
  log_info("stopped");
  return 0;
}

int Supervisor::wait_milliseconds() const {
  SteadyTime next = drain_ends_;
  for (const auto* group : {&workers_, &sinks_}) {
    for (const ChildProcess& child : *group) {
      if (!child.runs()) next = std::min(next, child.next_start());
    }
  }
  if (next == SteadyTime::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock_.steady()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Supervisor::note_signals() {
  signalfd_siginfo info{};
  while (::read(signals_, &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) begin_drain();
  }
  if (draining_ && clock_.steady() >= drain_ends_) {
    for (const ChildProcess& worker : workers_) worker.signal(SIGKILL);
    drain_ends_ = clock_.steady() + kFlushTime;
  }
}

void Supervisor::begin_drain() {
  if (draining_) return;
  draining_ = true;
  drain_ends_ = clock_.steady() + config_.limits.drain_time + kFlushTime;
  log_info("draining", {{"seconds", config_.limits.drain_time.count() / 1000}});
  for (const ChildProcess& worker : workers_) worker.signal(SIGTERM);
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    for (auto* group : {&workers_, &sinks_}) {
      for (ChildProcess& child : *group) {
        if (child.pid() != pid) continue;
        child.ended(clock_.steady());
        if (draining_ && group == &workers_) continue;
        log_warning("a process ended", {{"name", child.name()},
                                        {"pid", pid},
                                        {"exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1},
                                        {"signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0}});
      }
    }
  }
}

void Supervisor::restart_dead() {
  const SteadyTime now = clock_.steady();
  for (auto* group : {&workers_, &sinks_}) {
    if (draining_ && group == &workers_) continue;
    for (ChildProcess& child : *group) {
      if (child.runs() || child.next_start() > now) continue;
      if (Status started = child.start(now); !started) {
        log_error("cannot start a process",
                  {{"name", child.name()}, {"error", started.error().message}});
        child.ended(now);
      }
    }
  }
}

// Last, so that it takes what the workers flushed.
void Supervisor::stop_sink() {
  for (ChildProcess& sink : sinks_) {
    if (!sink.runs()) continue;
    sink.signal(SIGTERM);
    const SteadyTime last = clock_.steady() + kFlushTime;
    while (sink.runs()) {
      if (clock_.steady() >= last) sink.signal(SIGKILL);
      pollfd asked{signals_, POLLIN, 0};
      ::poll(&asked, 1, 100);
      note_signals();
      if (::waitpid(sink.pid(), nullptr, WNOHANG) == sink.pid()) sink.ended(clock_.steady());
    }
  }
}

}  // namespace

int run_supervisor(const Json& settings, const Config& config) {
  Supervisor supervisor(settings, config);
  if (Status started = supervisor.start(); !started) {
    log_error("cannot start", {{"error", started.error().message}});
    return 1;
  }
  return supervisor.run();
}

}  // namespace albicilla
