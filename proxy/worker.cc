#include "proxy/worker.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "common/base/log.h"
#include "common/io/file.h"
#include "common/io/memory_guard.h"
#include "proxy/config/config.h"
#include "proxy/control/key_ring.h"
#include "proxy/descriptor_table.h"
#include "proxy/handover.h"
#include "proxy/middleware/registry.h"
#include "proxy/outbox/discard_log.h"
#include "proxy/outbox/render.h"
#include "proxy/outbox_settings.h"
#include "proxy/redaction_settings.h"
#include "proxy/token_meter.h"
#include "proxy/traffic/listener.h"
#include "proxy/traffic_settings.h"

namespace albicilla {
namespace {

namespace asio = boost::asio;

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;
using Signals = asio::basic_signal_set<LoopExecutor>;

constexpr std::chrono::milliseconds kTick{100};
constexpr int kTicksPerSweep = 10;
// More than that wait only while the sink is away or slow.
constexpr std::uint64_t kManyRecords = 256;
// Who is in the queue of the listening socket, or half connected, still gets in.
constexpr std::chrono::milliseconds kAcceptRest{250};
// What the sink has not taken by then stays in the spool for the next start.
constexpr std::chrono::milliseconds kFlushPatience{5000};

UpstreamPool::Limits pool_limits(const TrafficLimits& limits) {
  UpstreamPool::Limits pool;
  pool.connect_time = limits.connect_time;
  pool.idle_time = limits.upstream_idle_time;
  return pool;
}

int cannot_start(const Error& error) {
  log_error("worker cannot start", {{"error", error.message}});
  return 1;
}

class Worker {
 public:
  struct Tls {
    std::unique_ptr<TlsClient> upstream;
    std::unique_ptr<TlsServer> clients;  // nullptr: they come without
  };

  Worker(const Config& config, TrafficSettings settings, const Inheritance& inheritance, Tls tls)
      : config_(config),
        counters_(inheritance.counters),
        shared_(inheritance.shared),
        first_slot_(inheritance.first_slot),
        settings_(std::move(settings)),
        tls_(std::move(tls)),
        upstreams_(executor_, deadlines_, *tls_.upstream, pool_limits(settings_.limits)),
        gauges_(counters_),
        tick_(executor_),
        signals_(executor_, SIGTERM, SIGUSR1) {
    counters_.reset_gauges();
  }

  Status start(int listening_fd);
  // Returns when all is drained, or when the outbox has broken.
  int run();

 private:
  void prepare_for_connections(int listening_fd) const;
  Status start_outbox();
  Status start_middlewares();
  void meter(const ExchangeFacts& facts, const RenderedRecord& record);
  bool meters_soon() const;
  Task<void> keep_time();
  Task<void> await_end();

  const Config& config_;
  Counters counters_;
  SharedPage shared_;
  const std::uint32_t first_slot_;
  const TrafficSettings settings_;
  SystemClock clock_;
  DiskFileSystem files_;
  asio::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};  // its sockets are this thread's
  LoopExecutor executor_ = loop_.get_executor();
  Deadlines deadlines_{clock_};
  Tls tls_;
  UpstreamPool upstreams_;
  ExchangeIdSource ids_;
  DiscardLog no_log_;
  TokenMeter meter_{shared_.tokens()};
  const ConversationRules conversation_{config_.session.fuzzy_matching,
                                        config_.session.reset_phrases};
  std::optional<RedactionPolicy> redaction_;
  std::unique_ptr<Outbox> outbox_;
  OutboxGauges gauges_;
  std::optional<WatchedKeys> keys_;
  RateTable rates_{shared_.rates()};
  Middlewares middlewares_;
  std::function<std::string()> session_secret_;
  bool draining_ = false;
  bool ended_ = false;
  bool broken_ = false;
  std::optional<TrafficParts> parts_;
  std::optional<Listener> listener_;
  Timer tick_;
  Signals signals_;
};

Status Worker::start_outbox() {
  auto settings = outbox_settings(config_, settings_.slot, first_slot_);
  if (!settings) return settings.error();
  auto redaction = redaction_policy(config_.redaction);
  if (!redaction) return redaction.error();
  redaction_ = *std::move(redaction);
  Outbox::Parts parts{loop_, files_, clock_,
                      [this](const ExchangeFacts& facts, const RenderOrder& order) {
                        RenderOptions options;
                        options.raw = order.raw;
                        options.most_chunks = order.most_chunks;
                        options.conversation = &conversation_;
                        options.redaction = redaction_ ? &*redaction_ : nullptr;
                        RenderedRecord record = render(facts, options);
                        meter(facts, record);
                        return record;
                      },
                      [this](const Error& error) {
                        log_error("the spool has failed, the worker ends",
                                  {{"error", error.message}, {"slot", settings_.slot}});
                        broken_ = true;
                        loop_.stop();
                      }};
  auto outbox = Outbox::start(*std::move(settings), std::move(parts));
  if (!outbox) return outbox.error();
  outbox_ = *std::move(outbox);
  return {};
}

// On the sender's thread; the middlewares stand before it begins and go after it has ended.
void Worker::meter(const ExchangeFacts& facts, const RenderedRecord& record) {
  const auto tokens = meter_.note(facts, record);
  if (!tokens) return;
  const MiddlewareUsage usage{facts.opened, facts.closed, *tokens, clock_.steady(), clock_.wall()};
  for (const auto& middleware : middlewares_) middleware->on_metered(usage);
}

// Records are rendered as the sink takes them.
bool Worker::meters_soon() const {
  if (!outbox_) return false;
  const OutboxStats stats = outbox_->stats();
  return stats.sinks_reached && stats.unacknowledged_records < kManyRecords;
}

Status Worker::start_middlewares() {
  if (!config_.keys_file.empty()) {
    if (Status made = KeyFile(files_, config_.keys_file).create_when_missing(); !made) return made;
    keys_.emplace(files_, config_.keys_file);
  }
  MiddlewareParts parts{rates_, keys_ ? &*keys_ : nullptr,
                        [](std::string_view line) {
                          std::fprintf(stdout, "%.*s\n", static_cast<int>(line.size()),
                                       line.data());
                          std::fflush(stdout);
                        },
                        [this] { return meters_soon(); }};
  auto middlewares = make_middlewares(config_.middlewares, parts);
  if (!middlewares) return middlewares.error();
  middlewares_ = *std::move(middlewares);
  return {};
}

// A client's connection and its upstream's, and what the process needs besides.
void Worker::prepare_for_connections(int listening_fd) const {
  constexpr std::size_t kOthers = 256;
  const std::size_t sockets = 2 * settings_.limits.connections;
  const std::size_t most = prepare_descriptors(listening_fd, sockets + kOthers);
  if (most >= sockets) return;
  log_warning("fewer open files than --max-connections needs",
              {{"limit", most}, {"wanted", sockets + kOthers}});
}

Status Worker::start(int listening_fd) {
  prepare_for_connections(listening_fd);
  if (Status started = start_middlewares(); !started) return started;
  session_secret_ = [this] {
    return outbox_ && config_.session.secret.empty() ? outbox_->session_secret()
                                                     : config_.session.secret;
  };
  if (!config_.bench_discard_log) {
    if (Status started = start_outbox(); !started) return started;
  }
  ExchangeLog& log = outbox_ ? static_cast<ExchangeLog&>(*outbox_) : no_log_;
  parts_.emplace(TrafficParts{executor_, clock_, deadlines_, log, no_log_, upstreams_, counters_,
                              middlewares_, session_secret_, ids_, settings_, draining_,
                              tls_.clients.get()});
  listener_.emplace(*parts_);
  if (Status adopted = listener_->adopt(listening_fd); !adopted) return adopted;
  listener_->start();
  asio::co_spawn(executor_, keep_time(), asio::detached);
  asio::co_spawn(executor_, await_end(), asio::detached);
  return {};
}

int Worker::run() {
  loop_.run();
  // Nothing that is still said may be written, and coroutines that are torn down would say it: the
  // process ends like one that was killed, and its successor recovers.
  if (broken_) std::_Exit(1);
  if (outbox_) outbox_->stop(kFlushPatience);
  return 0;
}

Task<void> Worker::keep_time() {
  NetError error;
  for (int round = 1; !ended_; ++round) {
    tick_.expires_after(kTick);
    co_await tick_.async_wait(into(error));
    deadlines_.tick();
    counters_.set(Gauge::connections_open, static_cast<std::int64_t>(listener_->open()));
    if (outbox_) gauges_.publish(outbox_->stats(), !session_secret_().empty());
    if (round % kTicksPerSweep == 0) upstreams_.sweep();
  }
}

Task<void> Worker::await_end() {
  NetError error;
  // SIGUSR1: others have taken over, with another configuration. Nobody new is to meet this one.
  const bool replaced = co_await signals_.async_wait(into(error)) == SIGUSR1;
  log_info("draining", {{"slot", settings_.slot}, {"connections", listener_->open()}});
  draining_ = true;
  listener_->drain();
  const SteadyTime last = clock_.steady() + config_.limits.drain_time;
  Timer pause(executor_);
  if (!replaced) {
    pause.expires_after(kAcceptRest);
    co_await pause.async_wait(into(error));
  }
  listener_->stop();
  // A turn of the loop, in which whoever was accepted already is admitted.
  pause.expires_after({});
  co_await pause.async_wait(into(error));
  while (listener_->open() > 0) {
    if (clock_.steady() >= last) listener_->cut();
    pause.expires_after(kTick / 2);
    co_await pause.async_wait(into(error));
  }
  upstreams_.clear();
  ended_ = true;
  tick_.cancel();
}

}  // namespace

int run_worker(std::uint32_t slot) {
  guard_memory();
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  ::signal(SIGINT, SIG_IGN);  // the terminal's ^C reaches all; the supervisor speaks for us
  auto inheritance = take_inheritance();
  if (!inheritance) return cannot_start(inheritance.error());
  const auto config = build_config(inheritance->settings);
  if (!config) return cannot_start(config.error());
  configure_log("albicilla-proxy", config->logging.level, config->logging.json);
  auto settings = traffic_settings(*config);
  if (!settings) return cannot_start(settings.error());
  settings->slot = slot;
  settings->control = inheritance->control;
  Worker::Tls tls;
  auto to_upstream = TlsClient::create(config->upstream_ca);
  if (!to_upstream) return cannot_start(to_upstream.error());
  tls.upstream = *std::move(to_upstream);
  if (!config->tls_cert.empty()) {
    auto to_clients = TlsServer::create({config->tls_cert, config->tls_key});
    if (!to_clients) return cannot_start(to_clients.error());
    tls.clients = *std::move(to_clients);
  }
  Worker worker(*config, *std::move(settings), *inheritance, std::move(tls));
  if (Status started = worker.start(inheritance->listening_fd); !started) {
    return cannot_start(started.error());
  }
  log_debug("worker serves", {{"slot", slot}});
  return worker.run();
}

}  // namespace albicilla
