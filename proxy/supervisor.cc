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
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/id128.h"
#include "common/base/log.h"
#include "proxy/child_process.h"
#include "proxy/config_check.h"
#include "proxy/control/control_server.h"
#include "proxy/fixed_settings.h"
#include "proxy/handover.h"
#include "proxy/listening_socket.h"
#include "proxy/log_file.h"
#include "proxy/outbox_settings.h"
#include "proxy/redaction_settings.h"
#include "proxy/reload_watch.h"
#include "proxy/runtime_directory.h"
#include "proxy/shared_page.h"
#include "proxy/sink_control.h"
#include "proxy/worker_set.h"

namespace albicilla {
namespace {

// Beyond the drain time a worker may need this long to cut and flush.
constexpr std::chrono::seconds kFlushTime{10};
constexpr int kWatchMilliseconds = 500;
constexpr std::chrono::seconds kSinkPatience{5};
// Workers of a reload take other spool slots than those before them, which may have streams to end;
// after so many reloads the first ones come again.
constexpr std::uint32_t kSlotRounds = 8;

std::string own_executable() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  return {path.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

class Supervisor {
 public:
  explicit Supervisor(SupervisorPlan plan)
      : asked_(plan.settings),
        settings_(std::move(plan.settings)),
        config_(std::make_shared<const Config>(std::move(plan.config))),
        read_again_(std::move(plan.read_again)) {}

  Status start();
  int run();

 private:
  Status start_log_file();
  Status start_sink();
  Status start_workers();
  Status start_sink_control();
  Status start_control();
  void watch_files();
  void note_signals();
  void reap();
  void restart_dead();
  int wait_milliseconds() const;
  void reload();
  Status try_reload();
  void begin_drain();
  void stop_sink();
  bool sinks_reached();
  std::shared_ptr<const Config> config() const;

  Json asked_;     // as it was gathered
  Json settings_;  // as the workers are told
  mutable std::mutex config_mutex_;
  std::shared_ptr<const Config> config_;  // replaced whole by a reload
  const std::function<Result<Json>()> read_again_;
  const std::string executable_ = own_executable();
  SystemClock clock_;
  DiskFileSystem files_;
  std::unique_ptr<LogFile> log_file_;
  ListeningSockets sockets_;
  Fd shared_fd_;
  std::optional<SharedPage> shared_;
  std::optional<WorkerSet> workers_;
  std::uint32_t reloads_ = 0;
  std::vector<ChildProcess> sinks_;  // one or none
  std::optional<SinkControl> sink_control_;
  std::optional<ReloadWatch> watch_;
  std::unique_ptr<ControlServer> control_;
  ControlEndpoint control_endpoint_;
  std::atomic<bool> draining_{false};
  std::atomic<bool> sinks_reached_{false};
  SteadyTime drain_ends_ = SteadyTime::max();
  int signals_ = -1;
};

std::shared_ptr<const Config> Supervisor::config() const {
  const std::lock_guard lock(config_mutex_);
  return config_;
}

Status Supervisor::start() {
  sigset_t watched;
  ::sigemptyset(&watched);
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&watched, number);
  ::pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  signals_ = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0) return errno_error("signalfd", errno);
  ::signal(SIGPIPE, SIG_IGN);
  if (Status log = start_log_file(); !log) return log;
  auto sockets = config_->listen_unix.empty()
                     ? open_listening_sockets(config_->host, config_->port, config_->workers)
                     : open_unix_socket(config_->listen_unix, config_->workers);
  if (!sockets) return sockets.error();
  sockets_ = *std::move(sockets);
  if (config_->own_sink() && !config_->bench_discard_log) {
    if (Status sink = start_sink(); !sink) return sink;
  }
  if (Status workers = start_workers(); !workers) return workers;
  watch_files();
  log_info("listening",
           {{"host", config_->listen_unix.empty() ? config_->host : config_->listen_unix},
            {"port", sockets_.port},
            {"workers", config_->workers},
            {"upstream", config_->upstream.base_url}});
  return {};
}

Status Supervisor::start_log_file() {
  const LoggingConfig& logging = config_->logging;
  if (logging.file.empty()) return {};
  auto file = LogFile::start({logging.file, logging.max_file_bytes, logging.backup_count});
  if (!file) return file.error();
  log_file_ = *std::move(file);
  return {};
}

Status Supervisor::start_sink() {
  auto directory = runtime_directory(config_->log_root);
  if (!directory) return directory.error();
  const std::string records = "ipc://" + *directory + "/records";
  const std::string watermarks = "ipc://" + *directory + "/watermarks";
  settings_.set("sink", Json::array({records}));
  settings_.set("sink-ack", Json::array({watermarks}));
  settings_.set("spool-dir", config_->spool.directory);
  ChildPlan plan;
  plan.name = "sink";
  plan.executable = executable_.substr(0, executable_.rfind('/')) + "/albicilla-sink";
  plan.arguments = {"--listen",        records,  "--ack-listen", watermarks, "--log-root",
                    config_->log_root, "--http", "off"};  // our own control server speaks for it
  plan.arguments.insert(plan.arguments.end(), config_->sink_arguments.begin(),
                        config_->sink_arguments.end());
  plan.environment = config_->sink_environment;
  if (::access(plan.executable.c_str(), X_OK) != 0) {
    return our_error(plan.executable + ": the sink must stand beside the proxy (or use --sink)");
  }
  sinks_.emplace_back(std::move(plan));
  return sinks_.back().start(clock_.steady());
}

// The workers' own way to the sinks, as they find it in their settings.
Status Supervisor::start_sink_control() {
  if (config_->bench_discard_log) return {};
  const auto config = build_config(settings_);
  if (!config) return config.error();
  auto outbox = outbox_settings(*config, 0, 0);
  if (!outbox) return outbox.error();
  sink_control_.emplace(std::move(outbox->sinks));
  return {};
}

Status Supervisor::start_control() {
  const std::string token = hex_text(random_bytes16()) + hex_text(random_bytes16());
  auto server = ControlServer::start(
      {[this] { return config(); }, [this] { return workers_->sums(); },
       [this] { return shared_->tokens().sums(); }, [this] { return draining_.load(); },
       [this] { return sinks_reached(); },
       [this](const std::string& session, const std::string& prefix) {
         return sink_control_ ? sink_control_->set_prefix(session, prefix, kSinkPatience)
                              : Status{our_error("nothing is logged")};
       },
       [this] { return sink_control_ ? sink_control_->sessions() : SessionCounts{}; }, files_},
      token);
  if (!server) return server.error();
  control_ = std::move(*server);
  control_endpoint_ = {control_->port(), token};
  return {};
}

Status Supervisor::start_workers() {
  auto shared = SharedPage::make();
  if (!shared) return shared.error();
  shared_fd_ = Fd(*shared);
  auto page = SharedPage::map(shared_fd_.get());
  if (!page) return page.error();
  shared_.emplace(*std::move(page));
  workers_.emplace(WorkerSet::Parts{sockets_.fds, shared_fd_.get(), executable_});
  if (Status line = start_sink_control(); !line) return line;
  if (Status control = start_control(); !control) return control;
  auto handover = Handover::make(settings_, control_endpoint_, 0);
  if (!handover) return handover.error();
  return workers_->begin(*std::move(handover), clock_.steady());
}

// Once is enough: a sink that restarts takes no proxy out of its balancer.
bool Supervisor::sinks_reached() {
  const std::shared_ptr<const Config> now = config();
  if (!sinks_reached_ &&
      (now->bench_discard_log || workers_->sums().of(Gauge::sink_reached) >= now->workers)) {
    sinks_reached_ = true;
  }
  return sinks_reached_;
}

void Supervisor::watch_files() {
  if (!config_->reload) return;
  std::vector<std::string> files{executable_};
  if (!config_->config_file.empty()) files.push_back(config_->config_file);
  watch_.emplace(std::move(files));
}

int Supervisor::run() {
  while (!draining_ || workers_->any_runs()) {
    pollfd asked{signals_, POLLIN, 0};
    ::poll(&asked, 1, wait_milliseconds());
    note_signals();
    if (watch_ && !draining_ && watch_->changed()) reload();
    reap();
    restart_dead();
  }
  if (!config_->listen_unix.empty()) ::unlink(config_->listen_unix.c_str());
  stop_sink();
  log_info("stopped");
  return 0;
}

int Supervisor::wait_milliseconds() const {
  SteadyTime next = drain_ends_;
  if (!draining_) next = std::min(next, workers_->next_start());
  for (const ChildProcess& child : sinks_) {
    if (!child.runs()) next = std::min(next, child.next_start());
  }
  const int most = watch_ ? kWatchMilliseconds : 60'000;
  if (next == SteadyTime::max()) return watch_ ? most : -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock_.steady()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, most));
}

void Supervisor::note_signals() {
  signalfd_siginfo info{};
  while (::read(signals_, &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) begin_drain();
    if (info.ssi_signo == SIGHUP && !draining_) reload();
  }
  if (draining_ && clock_.steady() >= drain_ends_) {
    workers_->signal(SIGKILL);
    drain_ends_ = clock_.steady() + kFlushTime;
  }
}

void Supervisor::reload() {
  if (Status done = try_reload(); !done) {
    log_error("configuration refused, the one in force stays", {{"reason", done.error().message}});
  }
}

// Nothing is touched before the new configuration is known to be good as a whole.
Status Supervisor::try_reload() {
  auto settings = read_again_();
  if (!settings) return settings.error();
  const std::vector<std::string> fixed = keep_fixed(asked_, settings_, *settings);
  auto built = build_config(*settings);
  if (!built) return built.error();
  if (Status good = check_parts(*built); !good) return good;
  if (Status made = make_redaction_key(built->redaction); !made) return made;
  const std::uint32_t first_slot = (reloads_ + 1) % kSlotRounds * config_->workers;
  auto handover = Handover::make(*settings, control_endpoint_, first_slot);
  if (!handover) return handover.error();
  if (Status begun = workers_->begin(*std::move(handover), clock_.steady()); !begun) return begun;
  ++reloads_;
  const bool sink_changed = built->sink_arguments != config_->sink_arguments;
  {
    const std::lock_guard lock(config_mutex_);
    config_ = std::make_shared<const Config>(*std::move(built));
  }
  for (const std::string& key : fixed) {
    log_warning("a changed setting needs a restart to take effect", {{"setting", key}});
  }
  if (sink_changed) {
    log_warning(
        "the own sink was started with other layouts or session rules; they need a restart");
  }
  log_info("configuration replaced", {{"reloads", reloads_}});
  return {};
}

void Supervisor::begin_drain() {
  if (draining_) return;
  draining_ = true;
  drain_ends_ = clock_.steady() + config_->limits.drain_time + kFlushTime;
  log_info("draining", {{"seconds", config_->limits.drain_time.count() / 1000}});
  end_listening(sockets_);
  workers_->signal(SIGTERM);
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    WorkerSet::Reaped reaped = workers_->reap(pid, clock_.steady());
    bool expected = reaped.expected || draining_;
    for (ChildProcess& sink : sinks_) {
      if (sink.pid() != pid) continue;
      sink.ended(clock_.steady());
      reaped.name = sink.name();
      expected = false;
    }
    if (reaped.name.empty() || expected) continue;
    log_warning("a process ended", {{"name", reaped.name},
                                    {"pid", pid},
                                    {"exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1},
                                    {"signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0}});
  }
}

void Supervisor::restart_dead() {
  const SteadyTime now = clock_.steady();
  if (!draining_) workers_->restart_dead(now);
  for (ChildProcess& sink : sinks_) {
    if (sink.runs() || sink.next_start() > now) continue;
    if (Status started = sink.start(now); !started) {
      log_error("cannot start a process",
                {{"name", sink.name()}, {"error", started.error().message}});
      sink.ended(now);
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

int run_supervisor(SupervisorPlan plan) {
  Supervisor supervisor(std::move(plan));
  if (Status started = supervisor.start(); !started) {
    log_error("cannot start", {{"error", started.error().message}});
    return 1;
  }
  return supervisor.run();
}

}  // namespace albicilla
