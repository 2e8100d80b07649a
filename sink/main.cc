// The sink, part by part, in order: the lock of its log root, recovery, then the sockets; so nobody
// is answered before everything that was promised is there again. Runs until SIGTERM or SIGINT.
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>

#include "common/base/log.h"
#include "common/io/free_room.h"
#include "common/io/memory_guard.h"
#include "sink/config.h"
#include "sink/erase_command.h"
#include "sink/keys_command.h"
#include "sink/sink_loop.h"
#include "sink/start_up.h"
#include "sink/status_server.h"
#include "sink/stores.h"

namespace albicilla {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

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

SinkPace pace_of(const SinkConfig& config) {
  SinkPace pace;
  pace.checkpoint_bytes = config.checkpoint_bytes;
  pace.checkpoint_interval = std::chrono::seconds(config.checkpoint_seconds);
  pace.seal_after = std::chrono::seconds(config.seal_after_seconds);
  if (config.seal == SealMode::off) pace.seal_after.reset();
  return pace;
}

Result<std::unique_ptr<Stores>> open_stores(const SinkConfig& config, Stores::Parts parts) {
  std::vector<StoreAsked> asked;
  for (const std::string& text : config.stores) {
    auto one = parse_store(text, [](std::string_view name) -> std::optional<std::string> {
      const char* const value = std::getenv(std::string(name).c_str());  // NOLINT: no threads yet
      return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    });
    if (!one) return one.error();
    asked.push_back(std::move(*one));
  }
  if (asked.empty()) return std::unique_ptr<Stores>();
  return Stores::open(std::move(parts), asked);
}

SealedDaysRules sealed_days_rules(const SinkConfig& config, Stores* stores) {
  SealedDaysRules rules;
  rules.packing = config.seal == SealMode::zstd ? Packing::zstd : Packing::off;
  if (config.retention_days > 0) rules.retention.days = config.retention_days;
  if (config.retention_bytes > 0) rules.retention.bytes = config.retention_bytes;
  if (stores == nullptr) return rules;
  rules.may_go = [stores](const std::string& day) { return stores->hold(day); };
  rules.ready = [stores](const std::string& until) { stores->note_ready(until); };
  rules.rewritten = [stores](const std::string& file) { stores->note_rewritten(file); };
  return rules;
}

void note_room(const SinkConfig& config, SinkCounters& counters) {
  FreeRoom least;
  for (const std::string& place : {config.log_root, commit_log_directory(config)}) {
    const auto room = free_room(place);
    if (!room) continue;  // not made yet
    least.bytes = std::min(least.bytes, room->bytes);
    least.inodes = std::min(least.inodes, room->inodes);
  }
  counters.free_bytes = least.bytes;
  counters.free_inodes = least.inodes;
}

int run(const SinkConfig& config, const Fd& stop) {
  DiskFileSystem files;
  const SystemClock clock;
  SinkCounters counters;
  std::unique_ptr<StatusServer> status;
  if (!config.http.empty()) {
    auto started = StatusServer::start(config.http, counters, [&] { note_room(config, counters); });
    if (!started) return failed(started.error());
    status = std::move(*started);
  }
  auto recovered = StartUp(files, clock, config, stop).run();
  if (!recovered) return failed(recovered.error());
  if (!*recovered) return 0;
  RecoveredLog& log = **recovered;
  log.state.sessions.set_limits(config.sessions);
  const Identity& identity = log.identity;

  Wakeup wakeup;
  CheckpointThread checkpoints(*log.checkpoints, *log.sealer, clock, counters, wakeup);
  CommitThread commits(std::move(*log.log), *log.writer, checkpoints, counters, wakeup);
  Acks acks({identity.sink, log.state.epoch, config.window_bytes, identity.session_secret,
             wanted_chunks(config)},
            log.state.producers);
  Assembly assembly({config.record_limit, 4 * config.record_limit});
  Decisions decisions(log.state, files, clock, counters,
                      {config.log_root, identity.session_secret,
                       config.shard ? Sharding::by_session : Sharding::off});
  decisions.close_days(log.sealer->final_until());
  auto stores = open_stores(config, {files,
                                     clock,
                                     counters,
                                     config.log_root,
                                     config.store_rate,
                                     {layout_places(config), log.state.sealed_until}});
  if (!stores) return failed(stores.error());
  SealedDays sealed_days({files, config.log_root, clock, counters},
                         sealed_days_rules(config, stores->get()));
  auto sockets = open_sockets(files, config, counters);
  if (!sockets) return failed(sockets.error());
  SinkLoop loop({clock, counters, log.state, *sockets, acks, assembly, decisions, commits,
                 checkpoints, sealed_days, wakeup},
                identity.sink, pace_of(config));
  counters.started = true;
  counters.accepting = true;
  log_info("sink ready", {{"listen", config.listen},
                          {"ack_listen", config.ack_listen},
                          {"log_root", config.log_root},
                          {"sink", hex_text(identity.sink.bytes)},
                          {"epoch", log.state.epoch}});
  const Status ended = loop.run(stop.get());
  if (!ended) return failed(ended.error());
  log_info("sink stopped as asked", {{"records", counters.records.load()}});
  return 0;
}

// Makes the layouts anew from the log; no sink may run on it.
int run_layouts(const SinkConfig& config, const Fd& stop) {
  DiskFileSystem files;
  const SystemClock clock;
  auto recovered = StartUp(files, clock, config, stop).run();
  if (!recovered) return failed(recovered.error());
  if (!*recovered) return 0;
  if ((*recovered)->layouts == nullptr) {
    std::cerr << "albicilla-sink layouts: name what to make with --layout\n";
    return kWrongUse;
  }
  const auto lines = remake_layouts(files, config.log_root, *(*recovered)->layouts);
  if (!lines) return failed(lines.error());
  const Status finished = (*recovered)
                              ->layouts->finish(layouts_state_path(commit_log_directory(config)),
                                                (*recovered)->log->end());
  if (!finished) return failed(finished.error());
  log_info("layouts made anew", {{"lines", *lines}});
  return 0;
}

int say(const char* command, const Result<std::string>& said) {
  if (!said) {
    std::cerr << "albicilla-sink " << command << ": " << said.error().message << "\n";
    return kWrongUse;
  }
  std::cout << *said;
  return 0;
}

// The commands that only look at files or change them.
std::optional<int> run_command(int argc, char** argv) {
  DiskFileSystem files;
  const std::string_view name = argc > 1 ? argv[1] : "";
  if (name == "keys") return say("keys", run_keys_command(files, argc - 1, argv + 1));
  if (name == "erase") {
    return say("erase", run_erase_command(files, SystemClock(), argc - 1, argv + 1));
  }
  return std::nullopt;
}

}  // namespace
}  // namespace albicilla

int main(int argc, char** argv) {
  const bool only_layouts = argc > 1 && std::string_view(argv[1]) == "layouts";
  if (only_layouts) {
    --argc;
    ++argv;
  }
  if (const auto ended = albicilla::run_command(argc, argv)) return *ended;
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
  albicilla::guard_memory();  // keys of stores, the signing key, what users wrote
  const albicilla::Fd stop = albicilla::stop_signals();
  return only_layouts ? albicilla::run_layouts(line->config, stop)
                      : albicilla::run(line->config, stop);
}
