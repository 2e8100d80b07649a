// An upstream that does exactly what a test tells it, byte by byte, and keeps exactly what it got:
// for what no well-behaved provider does. A thread per connection; every wait is bounded.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace albicilla::support {

// One connection as the script sees it.
class UpstreamPeer {
 public:
  explicit UpstreamPeer(int fd, std::chrono::milliseconds patience)
      : fd_(fd), patience_(patience) {}
  ~UpstreamPeer();
  UpstreamPeer(const UpstreamPeer&) = delete;
  UpstreamPeer& operator=(const UpstreamPeer&) = delete;

  // The next request, head and body as they came; nullopt when the peer has closed or is silent.
  std::optional<std::string> read_request();
  // The head alone; the body follows in read_some.
  std::optional<std::string> read_head();
  // Whatever comes next; empty when the peer has closed or is silent.
  std::string read_some();
  // Until the peer has closed; false when it does not.
  bool wait_closed();
  bool send(std::string_view bytes);
  void close();
  void reset();  // RST

 private:
  bool fill();

  int fd_;
  std::chrono::milliseconds patience_;
  std::string held_;
};

class ScriptedUpstream {
 public:
  using Script = std::function<void(UpstreamPeer&)>;

  // The script runs once for each connection, which closes when it returns.
  explicit ScriptedUpstream(Script script);
  ~ScriptedUpstream();
  ScriptedUpstream(const ScriptedUpstream&) = delete;
  ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::size_t connections() const { return connections_; }
  // For scripts that change within a test.
  void play(Script script);

 private:
  void accept_all();

  std::mutex mutex_;
  Script script_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> connections_{0};
  std::atomic<bool> stopping_{false};
  std::list<std::thread> peers_;
  std::thread acceptor_;
};

// Answers every request with the same bytes and keeps the requests.
class EchoingUpstream {
 public:
  explicit EchoingUpstream(std::string answer);

  std::uint16_t port() const { return upstream_.port(); }
  std::string url() const { return upstream_.url(); }
  std::vector<std::string> requests() const;
  std::size_t connections() const { return upstream_.connections(); }
  void answer_with(std::string answer);

 private:
  mutable std::mutex mutex_;
  std::string answer_;
  std::vector<std::string> requests_;
  ScriptedUpstream upstream_;  // last: its threads use the others
};

}  // namespace albicilla::support
