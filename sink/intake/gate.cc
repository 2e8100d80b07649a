#include "sink/intake/gate.h"

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <zmq.hpp>

#include "common/base/log.h"

namespace albicilla {

namespace {

constexpr const char* kHandlerEndpoint = "inproc://zeromq.zap.01";
constexpr const char* kStopEndpoint = "inproc://albicilla.gate.stop";
constexpr std::array<const char*, 2> kWatchEndpoints{"inproc://albicilla.gate.watch.1",
                                                     "inproc://albicilla.gate.watch.2"};
constexpr const char* kDomain = "albicilla";
constexpr std::chrono::milliseconds kHandshakeTime{10'000};
constexpr std::chrono::seconds kReadAgain{1};
constexpr std::chrono::minutes kSayAgain{1};
constexpr std::size_t kMostSaid = 1024;
constexpr std::chrono::seconds kProbePatience{10};
constexpr std::chrono::milliseconds kProbeStep{20};
// ZMQ_ZAP_ENFORCE_DOMAIN, which the library knows and its header shows to drafts only: a socket of
// a domain lets nobody in when there is no handler.
constexpr int kEnforceDomain = 93;
// The frames of a request: version, id, domain, address, identity, mechanism, credentials.
constexpr std::size_t kId = 1;
constexpr std::size_t kAddress = 3;
constexpr std::size_t kMechanism = 5;
constexpr std::size_t kKey = 6;

using Frames = std::vector<std::string>;
using SteadyClock = std::chrono::steady_clock;

Frames receive_all(zmq::socket_t& socket) {
  Frames frames;
  zmq::message_t frame;
  do {
    if (!socket.recv(frame)) return {};
    frames.push_back(frame.to_string());
  } while (frame.more());
  return frames;
}

void send_all(zmq::socket_t& socket, const Frames& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const bool last = i + 1 == frames.size();
    socket.send(zmq::buffer(frames[i]), last ? zmq::send_flags::none : zmq::send_flags::sndmore);
  }
}

// 32 bytes as they stand in files; nothing when they are not 32.
std::string z85_of(std::string_view key) {
  std::array<char, 41> text{};
  if (key.size() != 32) return {};
  zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
  return text.data();
}

}  // namespace

void put_behind_gate(zmq::socket_t& socket, const CurvePair& sink_keys) {
  socket.set(zmq::sockopt::curve_server, true);
  socket.set(zmq::sockopt::curve_secretkey, sink_keys.secret_key);
  socket.set(zmq::sockopt::zap_domain, kDomain);
  // Half a handshake costs a descriptor for so long.
  socket.set(zmq::sockopt::handshake_ivl, static_cast<int>(kHandshakeTime.count()));
  const int enforced = 1;
  if (zmq_setsockopt(socket.handle(), kEnforceDomain, &enforced, sizeof enforced) != 0) {
    log_debug("libzmq does not enforce domains, the probe alone must do");
  }
}

struct Gate::Inner {
  Inner(zmq::context_t& in, Parts what)
      : context(in),
        parts(std::move(what)),
        handler(in, zmq::socket_type::rep),
        stop_here(in, zmq::socket_type::pair),
        stop_there(in, zmq::socket_type::pair) {
    for (const char* endpoint : kWatchEndpoints) {
      watched.emplace_back(in, zmq::socket_type::pair).connect(endpoint);
    }
  }

  void run();
  void answer();
  void hear_of_failure(zmq::socket_t& from);
  std::string name_of(const std::string& key);
  bool may_say(const std::string& about);

  zmq::context_t& context;
  Parts parts;
  zmq::socket_t handler;
  zmq::socket_t stop_here;
  zmq::socket_t stop_there;
  std::vector<zmq::socket_t> watched;
  std::size_t watches = 0;
  AllowedWorkers allowed;
  SteadyClock::time_point read_at;
  std::map<std::string, SteadyClock::time_point> said;  // when an address was last told of
  std::mutex mutex;
  std::string stranger;  // whose key the probe uses
  std::atomic<bool> stranger_refused{false};
  std::atomic<bool> failed{false};
  std::thread thread;
};

void Gate::Inner::run() {
  try {
    while (true) {
      std::array<zmq::pollitem_t, 4> items{{{handler.handle(), 0, ZMQ_POLLIN, 0},
                                            {stop_there.handle(), 0, ZMQ_POLLIN, 0},
                                            {watched[0].handle(), 0, ZMQ_POLLIN, 0},
                                            {watched[1].handle(), 0, ZMQ_POLLIN, 0}}};
      zmq::poll(items.data(), items.size(), std::chrono::milliseconds(-1));
      if ((items[1].revents & ZMQ_POLLIN) != 0) return;
      if ((items[0].revents & ZMQ_POLLIN) != 0) answer();
      for (std::size_t i = 0; i < watched.size(); ++i) {
        if ((items[i + 2].revents & ZMQ_POLLIN) != 0) hear_of_failure(watched[i]);
      }
    }
  } catch (const zmq::error_t& error) {
    log_error("the check of keys has failed", {{"reason", error.what()}});
    failed = true;
  }
}

void Gate::Inner::answer() {
  const Frames request = receive_all(handler);
  const bool asks_for_key = request.size() > kKey && request[kMechanism] == "CURVE";
  const std::string key = asks_for_key ? z85_of(request[kKey]) : std::string();
  const std::string name = key.empty() ? std::string() : name_of(key);
  const std::string id = request.size() > kId ? request[kId] : std::string();
  if (!name.empty()) return send_all(handler, {"1.0", id, "200", "OK", name, ""});
  send_all(handler, {"1.0", id, "400", "key not allowed", "", ""});
  {
    const std::lock_guard lock(mutex);
    if (!key.empty() && key == stranger) {
      stranger_refused = true;
      return;
    }
  }
  ++parts.counters.refused_peers;
  const std::string address = request.size() > kAddress ? request[kAddress] : "?";
  if (!may_say(address)) return;
  log_warning("worker refused, its key is not in the allowlist",
              {{"address", address}, {"public_key", key.empty() ? "none" : key}});
}

// The event, then our own end of the connection; the library does not say whose it was.
void Gate::Inner::hear_of_failure(zmq::socket_t& from) {
  const Frames event = receive_all(from);
  ++parts.counters.refused_peers;
  const std::string endpoint = event.size() > 1 ? event[1] : "?";
  if (!may_say(endpoint)) return;
  log_warning("connection refused, it has no key or expects another sink's",
              {{"listen", endpoint}});
}

std::string Gate::Inner::name_of(const std::string& key) {
  const auto now = SteadyClock::now();
  if (now - read_at >= kReadAgain) {
    auto read = load_allowed_workers(parts.files, parts.directory);
    if (!read) {
      log_error("allowlist not readable, the last one stays", {{"reason", read.error().message}});
    } else {
      if (!read->unusable.empty() && read->unusable != allowed.unusable) {
        log_error("files in the allowlist hold no key", {{"files", read->unusable}});
      }
      allowed = std::move(*read);
    }
    read_at = now;
  }
  const auto found = allowed.names.find(key);
  return found == allowed.names.end() ? std::string() : found->second;
}

// One line a minute about an address, however often it tries.
bool Gate::Inner::may_say(const std::string& about) {
  const auto now = SteadyClock::now();
  if (said.size() >= kMostSaid) {
    std::erase_if(said, [&](const auto& one) { return now - one.second >= kSayAgain; });
  }
  const auto last = said.find(about);
  if (last != said.end() ? now - last->second < kSayAgain : said.size() >= kMostSaid) return false;
  said[about] = now;
  return true;
}

Gate::Gate(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}

Result<std::unique_ptr<Gate>> Gate::open(zmq::context_t& context, Parts parts) {
  auto allowed = load_allowed_workers(parts.files, parts.directory);
  if (!allowed) return allowed.error();
  try {
    auto inner = std::make_unique<Inner>(context, std::move(parts));
    inner->allowed = std::move(*allowed);
    inner->handler.bind(kHandlerEndpoint);
    inner->stop_there.bind(kStopEndpoint);
    inner->stop_here.connect(kStopEndpoint);
    inner->thread = std::thread([&gate = *inner] { gate.run(); });
    return std::unique_ptr<Gate>(new Gate(std::move(inner)));
  } catch (const zmq::error_t& error) {
    return our_error(std::string("open the check of keys: ") + error.what());
  }
}

Gate::~Gate() {
  try {
    inner_->stop_here.send(zmq::str_buffer("stop"), zmq::send_flags::dontwait);
  } catch (const zmq::error_t&) {
    // The context is gone, and the thread with it.
  }
  inner_->thread.join();
}

Status Gate::watch(zmq::socket_t& socket) {
  if (inner_->watches == kWatchEndpoints.size()) return our_error("two sockets can be watched");
  const int events = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
  const char* const endpoint = kWatchEndpoints[inner_->watches++];
  if (zmq_socket_monitor(socket.handle(), endpoint, events) == 0) return {};
  return our_error(std::string("watch a socket: ") + zmq_strerror(zmq_errno()));
}

bool Gate::failed() const { return inner_->failed; }

Status Gate::probe(const CurvePair& sink_keys) {
  const CurvePair stranger = make_curve_pair();
  {
    const std::lock_guard lock(inner_->mutex);
    inner_->stranger = stranger.public_key;
  }
  try {
    zmq::socket_t guarded(inner_->context, zmq::socket_type::pull);
    put_behind_gate(guarded, sink_keys);
    guarded.bind("tcp://127.0.0.1:*");
    zmq::socket_t knocking(inner_->context, zmq::socket_type::push);
    knocking.set(zmq::sockopt::linger, 0);
    knocking.set(zmq::sockopt::curve_serverkey, sink_keys.public_key);
    knocking.set(zmq::sockopt::curve_publickey, stranger.public_key);
    knocking.set(zmq::sockopt::curve_secretkey, stranger.secret_key);
    knocking.connect(guarded.get(zmq::sockopt::last_endpoint));
    [[maybe_unused]] const auto sent =
        knocking.send(zmq::str_buffer("let me in"), zmq::send_flags::dontwait);
    const auto end = SteadyClock::now() + kProbePatience;
    while (SteadyClock::now() < end && !failed()) {
      std::array<zmq::pollitem_t, 1> items{{{guarded.handle(), 0, ZMQ_POLLIN, 0}}};
      zmq::poll(items.data(), items.size(), kProbeStep);
      if ((items[0].revents & ZMQ_POLLIN) != 0) {
        return our_error("a stranger was let in: this libzmq does not check keys");
      }
      if (inner_->stranger_refused) return {};
    }
  } catch (const zmq::error_t& error) {
    return our_error(std::string("probe the check of keys: ") + error.what());
  }
  return our_error("the check of keys does not answer");
}

}  // namespace albicilla
