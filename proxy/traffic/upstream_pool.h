// Connections to upstreams: made with a deadline for each phase, certificates and names always
// checked, kept alive and handed out again, newest first. Belongs to the loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "common/base/result.h"
#include "common/http/url.h"
#include "proxy/traffic/dial.h"
#include "proxy/traffic/input.h"
#include "proxy/traffic/late_reads.h"
#include "proxy/traffic/name_book.h"
#include "proxy/traffic/net_stream.h"
#include "proxy/traffic/tls_client.h"

namespace albicilla {

// One connection to an upstream. Reads start small, for thousands of streams of small events, and
// grow while a body keeps filling them.
struct UpstreamLink {
  UpstreamLink(Socket socket, LoopExecutor executor, Deadlines& deadlines)
      : stream(std::move(socket), deadlines),
        input(stream, executor, std::size_t{16} << 10, std::size_t{256} << 10) {}

  NetStream stream;
  Input input;
  bool reused = false;
  SteadyTime idle_since;
};

// Why there is no connection; `timed_out` answers 504, the others 502.
struct LinkFailure {
  bool timed_out = false;
  std::string message;
};

// An attempt to connect, which its owner may end; one deadline covers name, connection and TLS.
class Connecting final : private Deadline {
 public:
  explicit Connecting(Deadlines& deadlines) : Deadline(deadlines) {}

  void cancel();
  bool cancelled() const { return cancelled_; }
  bool timed_out() const { return expired(); }

 private:
  friend class UpstreamPool;
  void begin(std::chrono::milliseconds most);
  // `stop` ends what is under way.
  void phase(std::function<void()> stop) { stop_ = std::move(stop); }
  void end();
  void on_expired() override { cancel(); }

  std::function<void()> stop_;
  bool cancelled_ = false;
};

class UpstreamPool {
 public:
  struct Limits {
    std::chrono::milliseconds connect_time{10'000};
    std::chrono::milliseconds idle_time{55'000};
    std::size_t idle_links = 256;  // per upstream
  };

  UpstreamPool(LoopExecutor executor, Deadlines& deadlines, TlsClient& tls, Limits limits);

  // An idle connection to that host, or nullptr. `probe` asks the socket whether it is still alive:
  // for requests that could not be sent again.
  std::unique_ptr<UpstreamLink> take_idle(const Url& url, bool probe);

  // A new one, or nullptr and why not. `attempt` must outlive the call.
  Task<std::unique_ptr<UpstreamLink>> connect(const Url& url, Connecting& attempt,
                                              LinkFailure& failure);

  // Only after a whole exchange on a connection that both sides keep alive.
  void give_back(const Url& url, std::unique_ptr<UpstreamLink> link);

  // Of the links that it makes.
  LateReads& late_reads() { return late_reads_; }

  // Closes what has idled too long; called by the worker's tick.
  void sweep();
  void clear() { idle_.clear(); }

 private:
  using Origin = std::tuple<std::string, std::string, std::uint16_t>;  // scheme, host, port

  Task<std::unique_ptr<UpstreamLink>> make_link(const Url& url, Connecting& attempt,
                                                std::string& problem);
  Task<Endpoints> resolve(const Url& url, Connecting& attempt, std::string& problem);

  LoopExecutor executor_;
  Deadlines& deadlines_;
  TlsClient& tls_;
  NameBook names_;
  LateReads late_reads_;
  Limits limits_;
  std::map<Origin, std::vector<std::unique_ptr<UpstreamLink>>, std::less<>> idle_;
};

}  // namespace albicilla
