#include "proxy/worker.h"

#include <sys/prctl.h>

#include <csignal>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "common/base/log.h"
#include "proxy/config/config.h"
#include "proxy/handover.h"
#include "proxy/outbox/discard_log.h"
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
  Worker(const Config& config, TrafficSettings settings, Counters counters, asio::io_context& loop,
         std::unique_ptr<TlsClient> tls)
      : config_(config),
        counters_(std::move(counters)),
        executor_(loop.get_executor()),
        settings_(std::move(settings)),
        deadlines_(clock_),
        tls_(std::move(tls)),
        upstreams_(executor_, deadlines_, *tls_, pool_limits(settings_.limits)),
        parts_{executor_,  clock_,    deadlines_, no_log_,   no_log_,
               upstreams_, counters_, ids_,       settings_, draining_},
        listener_(parts_),
        tick_(executor_),
        signals_(executor_, SIGTERM) {
    counters_.reset_gauges();
  }

  Status start(int listening_fd) {
    if (Status adopted = listener_.adopt(listening_fd); !adopted) return adopted;
    listener_.start();
    asio::co_spawn(executor_, keep_time(), asio::detached);
    asio::co_spawn(executor_, await_end(), asio::detached);
    return {};
  }

 private:
  Task<void> keep_time() {
    NetError error;
    for (int round = 1; !ended_; ++round) {
      tick_.expires_after(kTick);
      co_await tick_.async_wait(into(error));
      deadlines_.tick();
      if (round % kTicksPerSweep == 0) upstreams_.sweep();
    }
  }

  Task<void> await_end() {
    NetError error;
    co_await signals_.async_wait(into(error));
    log_info("draining", {{"slot", settings_.slot}, {"connections", listener_.open()}});
    draining_ = true;
    listener_.stop();
    const SteadyTime last = clock_.steady() + config_.limits.drain_time;
    Timer pause(executor_);
    while (listener_.open() > 0) {
      if (clock_.steady() >= last) listener_.cut();
      pause.expires_after(kTick / 2);
      co_await pause.async_wait(into(error));
    }
    upstreams_.clear();
    ended_ = true;
    tick_.cancel();
  }

  const Config& config_;
  Counters counters_;
  LoopExecutor executor_;
  SystemClock clock_;
  TrafficSettings settings_;
  Deadlines deadlines_;
  std::unique_ptr<TlsClient> tls_;
  UpstreamPool upstreams_;
  ExchangeIdSource ids_;
  DiscardLog no_log_;
  bool draining_ = false;
  bool ended_ = false;
  TrafficParts parts_;
  Listener listener_;
  Timer tick_;
  Signals signals_;
};

}  // namespace

int run_worker(std::uint32_t slot) {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGINT, SIG_IGN);  // the terminal's ^C reaches all; the supervisor speaks for us
  ::signal(SIGHUP, SIG_IGN);
  auto inheritance = take_inheritance();
  if (!inheritance) return cannot_start(inheritance.error());
  const auto config = build_config(inheritance->settings);
  if (!config) return cannot_start(config.error());
  configure_log("albicilla-proxy", config->logging.level, config->logging.json);
  if (!config->bench_discard_log) return cannot_start(our_error("no outbox in this build"));
  auto settings = traffic_settings(*config);
  if (!settings) return cannot_start(settings.error());
  settings->slot = slot;
  settings->control = inheritance->control;
  auto tls = TlsClient::create(config->upstream_ca);
  if (!tls) return cannot_start(tls.error());
  asio::io_context loop(1);
  Worker worker(*config, *std::move(settings), inheritance->counters, loop, *std::move(tls));
  if (Status started = worker.start(inheritance->listening_fd); !started) {
    return cannot_start(started.error());
  }
  log_debug("worker serves", {{"slot", slot}});
  loop.run();
  return 0;
}

}  // namespace albicilla
