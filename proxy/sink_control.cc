#include "proxy/sink_control.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/base/crc32c.h"
#include "common/base/log.h"

namespace albicilla {

namespace {

// A hello brings the watermark at once, and the sink goes on for an hour; a lost one is said again.
constexpr std::chrono::milliseconds kSayAgain{1000};

}  // namespace

SinkControl::SinkControl(std::vector<SinkAddress> sinks)
    : wake_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (SinkAddress& address : sinks) {
    Sink sink;
    sink.link = std::make_unique<SinkLink>(transport_, std::move(address));
    sink.link->listen_for(producer_);
    if (const Status made = sink.link->remake(); !made) {
      log_error("cannot speak to a sink", {{"error", made.error().message}});
    }
    sinks_.push_back(std::move(sink));
  }
  thread_ = std::thread([this] { run(); });
}

SinkControl::~SinkControl() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
}

void SinkControl::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_up_.get(), &one, sizeof one);
}

Status SinkControl::set_prefix(const std::string& session, const std::string& prefix,
                               std::chrono::milliseconds patience) {
  const std::lock_guard turn(one_at_a_time_);
  std::unique_lock lock(mutex_);
  wish_ = {session, prefix};
  ++seq_.value;
  wished_ = true;
  for (Sink& sink : sinks_) sink.sent = false;
  wake();
  const bool done = changed_.wait_for(lock, patience, [this] { return is_everywhere(); });
  wished_ = false;
  if (done) return {};
  return our_error("the sink does not answer; the prefix may or may not be set");
}

bool SinkControl::is_everywhere() const {
  return std::all_of(sinks_.begin(), sinks_.end(),
                     [this](const Sink& sink) { return sink.durable >= seq_; });
}

SessionCounts SinkControl::sessions() const {
  const std::lock_guard lock(mutex_);
  SessionCounts sum;
  for (const Sink& sink : sinks_) {
    sum.active += sink.sessions.active;
    sum.created += sink.sessions.created;
    sum.expired += sink.sessions.expired;
    sum.hits += sink.sessions.hits;
    sum.misses += sink.sessions.misses;
    sum.fuzzy += sink.sessions.fuzzy;
  }
  return sum;
}

WireHeader SinkControl::header(MessageKind kind) const {
  WireHeader header;
  header.kind = kind;
  header.producer = producer_;
  header.seq = seq_;
  header.base = Seq{1};
  return header;
}

void SinkControl::say(Sink& sink, MessageKind kind) {
  WireHeader message = header(kind);
  if (kind != MessageKind::prefix) {
    sink.link->push(encode(message));
    return;
  }
  message.crc = crc32c(wish_.prefix);
  message.naming.session_hint = wish_.session;
  sink.sent = sink.link->push(encode(message), wish_.prefix);
}

void SinkControl::take_watermarks(Sink& sink) {
  while (const auto bytes = sink.link->take_watermark()) {
    const auto mark = parse_watermark(*bytes);
    if (!mark || mark->producer != producer_) continue;
    sink.durable = mark->durable;
    sink.sessions = mark->sessions;
  }
}

void SinkControl::run() {
  std::vector<SinkLink*> links;
  for (const Sink& sink : sinks_) links.push_back(sink.link.get());
  const SystemClock clock;
  SteadyTime next_round = clock.steady();
  while (true) {
    bool soon = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      std::uint64_t woken = 0;
      [[maybe_unused]] const auto taken = ::read(wake_up_.get(), &woken, sizeof woken);
      const bool round = clock.steady() >= next_round;
      for (Sink& sink : sinks_) {
        take_watermarks(sink);
        if (round) say(sink, MessageKind::hello);
        const bool open = wished_ && sink.durable < seq_;
        if (open && (round || !sink.sent)) say(sink, MessageKind::prefix);
        soon = soon || (open && !sink.sent);
      }
      if (round) next_round = clock.steady() + kSayAgain;
      if (wished_ && is_everywhere()) changed_.notify_all();
    }
    // A push that was refused is tried again soon, else a watermark or a wish wakes us.
    SinkLink::wait(links, {}, wake_up_.get(), std::chrono::milliseconds(soon ? 20 : 250));
  }
}

}  // namespace albicilla
