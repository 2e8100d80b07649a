// The sink, part by part, in order: the lock of its log root, recovery, then the sockets; so nobody
// is answered before everything that was promised is there again. Runs until SIGTERM or SIGINT.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>

#include "common/base/log.h"
#include "sink/config.h"
#include "sink/intake/endpoints.h"
#include "sink/keys_command.h"
#include "sink/log/identity.h"
#include "sink/log/rebuild.h"
#include "sink/log/recovery.h"
#include "sink/sink_loop.h"
#include "sink/status_server.h"

namespace albicilla {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;
constexpr int kAskAgainMilliseconds = 1000;

int failed(const Error& error) {
  log_error("sink stopped", {{"reason", error.message}});
  return kFailed;
}

// Blocked in every thread, so they arrive at the descriptor only.
Fd stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): cannot fail for SIGPIPE
  return Fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

// Log files are only some of our descriptors; ask for all we may have.
std::size_t most_open_files(std::uint64_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t others = 256;
  const std::uint64_t room = limit.rlim_cur > 2 * others ? limit.rlim_cur - others : 64;
  return static_cast<std::size_t>(std::min(wanted, room));
}

// True when told to stop. A disk without room is waited for; the status server says so meanwhile.
Result<bool> recover(Recovery& recovery, const Clock& clock, const Fd& stop) {
  while (true) {
    const Status recovered = recovery.run(clock.wall());
    if (recovered) return false;
    if (!is_no_room(recovered.error())) return recovered.error();
    log_error("no room to start, waiting for some", {{"reason", recovered.error().message}});
    pollfd polled{stop.get(), POLLIN, 0};
    if (::poll(&polled, 1, kAskAgainMilliseconds) > 0) return true;
  }
}

Status prepare_directories(FileSystem& files, const SinkConfig& config) {
  for (const std::string& directory :
       {config.log_root, identity_directory(config.log_root), commit_log_directory(config)}) {
    if (const Status made = files.make_directories(directory); !made) return made;
  }
  for (const std::string& endpoint : {config.listen, config.ack_listen}) {
    if (const Status safe = secure_ipc_directory(files, endpoint); !safe) return safe;
  }
  return {};
}

Result<SinkSockets> open_sockets(FileSystem& files, const SinkConfig& config,
                                 SinkCounters& counters) {
  const SinkSockets::Endpoints endpoints{config.listen, config.ack_listen};
  if (config.curve_directory.empty()) return SinkSockets::bind(endpoints);
  const auto keys = load_sink_keys(files, config.curve_directory);
  if (!keys) {
    return client_error("no keys for the sink: " + keys.error().message +
                        "; make them with 'albicilla-sink keys make " + config.curve_directory +
                        "'");
  }
  return SinkSockets::bind_guarded(endpoints, *keys, {files, config.curve_directory, counters});
}

Result<Fd> lock(FileSystem& files, const std::string& path, const std::string& what) {
  auto locked = files.try_lock(path);
  if (!locked) return locked.error();
  if (!*locked) return our_error("another sink runs on " + what + ": it holds " + path);
  return std::move(**locked);
}

std::string signing_key_path(const SinkConfig& config) {
  return config.signing_key.empty() ? identity_directory(config.log_root) + "/signing_key"
                                    : config.signing_key;
}

SinkPace pace_of(const SinkConfig& config) {
  SinkPace pace;
  pace.checkpoint_bytes = config.checkpoint_bytes;
  pace.checkpoint_interval = std::chrono::seconds(config.checkpoint_seconds);
  pace.seal_after = std::chrono::seconds(config.seal_after_seconds);
  if (config.seal == SealMode::off) pace.seal_after.reset();
  return pace;
}

void log_recovery(const RecoveryFacts& facts, const SinkState& state) {
  log_info("log recovered", {{"epoch", state.epoch},
                             {"groups", facts.groups},
                             {"tail_bytes", facts.tail_bytes},
                             {"torn_bytes", facts.torn_bytes},
                             {"torn_files", facts.torn_files},
                             {"missing_bytes", facts.missing_bytes},
                             {"files", state.files.size()},
                             {"producers", state.producers.all().size()}});
}

int run(const SinkConfig& config, const Fd& stop) {
  DiskFileSystem files;
  const SystemClock clock;
  SinkCounters counters;
  if (const Status made = prepare_directories(files, config); !made) return failed(made.error());
  const std::string commit_directory = commit_log_directory(config);
  const auto root_lock =
      lock(files, identity_directory(config.log_root) + "/lock", config.log_root);
  if (!root_lock) return failed(root_lock.error());
  const auto commit_lock = lock(files, commit_directory + "/lock", commit_directory);
  if (!commit_lock) return failed(commit_lock.error());

  std::unique_ptr<StatusServer> status;
  if (!config.http.empty()) {
    auto started = StatusServer::start(config.http, counters);
    if (!started) return failed(started.error());
    status = std::move(*started);
  }
  const auto identity = load_identity(files, config.log_root);
  if (!identity) return failed(identity.error());
  Checkpoints checkpoints(files, config.log_root, commit_directory, identity->sink);
  LogWriter writer(files, config.log_root, most_open_files(config.most_open_files));
  const auto begin_recovery = [&] {
    return std::make_unique<Recovery>(
        files, config.log_root,
        CommitLogPlace{commit_directory, identity->sink, config.segment_bytes}, checkpoints,
        writer);
  };
  auto recovery = begin_recovery();
  auto stopped = recover(*recovery, clock, stop);
  if (!stopped && config.rebuild) {
    log_error("log not recovered, rebuilding it", {{"reason", stopped.error().message}});
    const Status rebuilt =
        rebuild(files, config.log_root, commit_directory, checkpoints, clock.wall());
    if (!rebuilt) return failed(rebuilt.error());
    recovery = begin_recovery();
    stopped = recover(*recovery, clock, stop);
  }
  if (!stopped) return failed(stopped.error());
  if (*stopped) return 0;
  SinkState state = recovery->take_state();
  log_recovery(recovery->facts(), state);
  auto sealer = Sealer::open(files, {config.log_root, signing_key_path(config), identity->sink},
                             state.files, clock.wall());
  if (!sealer) return failed(sealer.error());

  Wakeup wakeup;
  CheckpointThread checkpoint_thread(checkpoints, *sealer, clock, counters, wakeup);
  CommitThread commits(recovery->take_log(), writer, checkpoint_thread, counters, wakeup);
  Acks acks({identity->sink, state.epoch, config.window_bytes, identity->session_secret},
            state.producers);
  Assembly assembly({config.record_limit, 4 * config.record_limit});
  Decisions decisions(state, files, clock, counters, {config.log_root, identity->session_secret});
  decisions.close_days(sealer->final_until());
  std::optional<Packer> packer;
  if (config.seal == SealMode::zstd) packer.emplace(files, config.log_root, counters);
  auto sockets = open_sockets(files, config, counters);
  if (!sockets) return failed(sockets.error());
  SinkLoop loop({clock, counters, state, *sockets, acks, assembly, decisions, commits,
                 checkpoint_thread, packer ? &*packer : nullptr, wakeup},
                identity->sink, pace_of(config));
  counters.started = true;
  counters.accepting = true;
  log_info("sink ready", {{"listen", config.listen},
                          {"ack_listen", config.ack_listen},
                          {"log_root", config.log_root},
                          {"sink", hex_text(identity->sink.bytes)},
                          {"epoch", state.epoch}});
  const Status ended = loop.run(stop.get());
  if (!ended) return failed(ended.error());
  log_info("sink stopped as asked", {{"records", counters.records.load()}});
  return 0;
}

int run_keys(int argc, char** argv) {
  DiskFileSystem files;
  const auto said = run_keys_command(files, argc, argv);
  if (!said) {
    std::cerr << "albicilla-sink keys: " << said.error().message << "\n";
    return kWrongUse;
  }
  std::cout << *said;
  return 0;
}

}  // namespace
}  // namespace albicilla

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "keys") {
    return albicilla::run_keys(argc - 1, argv + 1);
  }
  const auto line = albicilla::parse_sink_command_line(argc, argv);
  if (!line) {
    std::cerr << "albicilla-sink: " << line.error().message << "\n";
    return albicilla::kWrongUse;
  }
  if (line->command == albicilla::SinkCommand::print_and_exit) {
    std::cout << line->text;
    return 0;
  }
  albicilla::configure_log("albicilla-sink", line->config.log_level);
  const albicilla::Fd stop = albicilla::stop_signals();
  return albicilla::run(line->config, stop);
}
