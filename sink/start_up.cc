#include "sink/start_up.h"

#include <poll.h>

#include <algorithm>

#include "common/base/log.h"
#include "common/io/open_files.h"
#include "sink/intake/endpoints.h"
#include "sink/log/rebuild.h"

namespace albicilla {

namespace {

constexpr int kAskAgainMilliseconds = 1000;

// Log files are only some of our descriptors; ask for all we may have.
std::size_t most_open_files(std::uint64_t wanted) {
  const std::uint64_t others = 256;
  const std::uint64_t all = raise_open_files_limit();
  const std::uint64_t room = all > 2 * others ? all - others : 64;
  return static_cast<std::size_t>(std::min(wanted, room));
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

}  // namespace

Result<std::unique_ptr<RecoveredLog>> StartUp::run() {
  made_ = std::make_unique<RecoveredLog>();
  using Step = Status (StartUp::*)();
  for (const Step step :
       {&StartUp::lock_directories, &StartUp::prepare, &StartUp::recover, &StartUp::open_sealer}) {
    const auto waited = until_room([&] { return (this->*step)(); });
    if (!waited) return waited.error();
    if (*waited == Waited::stopped) return std::unique_ptr<RecoveredLog>();
  }
  return std::move(made_);
}

template <class Step>
Result<StartUp::Waited> StartUp::until_room(Step step) {
  bool said = false;
  while (true) {
    const Status done = step();
    if (done) return Waited::done;
    if (!is_no_room(done.error())) return done.error();
    if (!std::exchange(said, true)) {
      log_error("no room to start, waiting for some", {{"reason", done.error().message}});
    }
    pollfd polled{stop_.get(), POLLIN, 0};
    if (::poll(&polled, 1, kAskAgainMilliseconds) > 0) return Waited::stopped;
  }
}

Status StartUp::lock_directories() {
  const std::string commit_directory = commit_log_directory(config_);
  const std::string identity = identity_directory(config_.log_root);
  for (const std::string& directory : {config_.log_root, identity, commit_directory}) {
    if (const Status made = files_.make_directories(directory); !made) return made;
  }
  for (const std::string& endpoint : {config_.listen, config_.ack_listen}) {
    if (const Status safe = secure_ipc_directory(files_, endpoint); !safe) return safe;
  }
  auto root = lock(files_, identity + "/lock", config_.log_root);
  if (!root) return root.error();
  auto commit = lock(files_, commit_directory + "/lock", commit_directory);
  if (!commit) return commit.error();
  made_->root_lock = std::move(*root);
  made_->commit_lock = std::move(*commit);
  return {};
}

Status StartUp::prepare() {
  auto identity = load_identity(files_, config_.log_root);
  if (!identity) return identity.error();
  made_->identity = std::move(*identity);
  made_->checkpoints = std::make_unique<Checkpoints>(
      files_, config_.log_root, commit_log_directory(config_), made_->identity.sink);
  made_->writer = std::make_unique<LogWriter>(files_, config_.log_root,
                                              most_open_files(config_.most_open_files));
  if (!config_.layouts.empty()) {
    made_->layouts = std::make_unique<LayoutWriter>(files_, layout_places(config_));
    made_->writer->set_layouts(made_->layouts.get());
  }
  recovery_ = begin_recovery();
  return {};
}

std::unique_ptr<Recovery> StartUp::begin_recovery() {
  return std::make_unique<Recovery>(
      files_, config_.log_root,
      CommitLogPlace{commit_log_directory(config_), made_->identity.sink, config_.segment_bytes},
      *made_->checkpoints, *made_->writer);
}

Status StartUp::recover() {
  Status recovered = recovery_->run(clock_.wall());
  if (!recovered && !is_no_room(recovered.error()) && config_.rebuild && !rebuilt_) {
    log_error("log not recovered, rebuilding it", {{"reason", recovered.error().message}});
    const Status built = rebuild(files_, config_.log_root, commit_log_directory(config_),
                                 *made_->checkpoints, clock_.wall());
    if (!built) return built;
    rebuilt_ = true;
    recovery_ = begin_recovery();
    recovered = recovery_->run(clock_.wall());
  }
  if (!recovered) return recovered;
  made_->state = recovery_->take_state();
  made_->log = std::make_unique<CommitLog>(recovery_->take_log());
  log_recovery(recovery_->facts(), made_->state);
  recovery_.reset();
  return {};
}

Status StartUp::open_sealer() {
  auto sealer =
      Sealer::open(files_, {config_.log_root, signing_key_path(config_), made_->identity.sink},
                   made_->state.files, clock_.wall());
  if (!sealer) return sealer.error();
  made_->sealer = std::make_unique<Sealer>(std::move(*sealer));
  return {};
}

}  // namespace albicilla
