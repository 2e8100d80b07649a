// Accepts clients on one inherited listening socket and owns their connections until each has come
// to its own end.
#pragma once

#include <chrono>
#include <list>
#include <map>
#include <string>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>

#include "common/base/result.h"
#include "proxy/traffic/connection.h"
#include "proxy/traffic/parts.h"

namespace albicilla {

class Listener {
 public:
  // `parts` must outlive it, and all connections must have ended (open() == 0) before it goes.
  explicit Listener(TrafficParts& parts);

  // Takes over a bound, listening socket of the given family (AF_INET, AF_INET6, AF_UNIX).
  Status adopt(int listening_fd);
  // Accepts until stop().
  void start();

  void drain();  // idle connections have a last moment
  void stop();   // no new connections
  void cut();    // ends whatever is under way
  std::size_t open() const { return connections_.size(); }

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<NetProtocol, LoopExecutor>;
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;

  Task<void> accept_all();
  void admit(Socket socket, const std::string& peer);
  bool is_full_for(const std::string& peer) const;

  TrafficParts& parts_;
  Acceptor acceptor_;
  Timer pause_;
  std::list<Connection> connections_;
  std::map<std::string, std::size_t, std::less<>> by_address_;  // when that is limited
  bool stopped_ = false;
};

}  // namespace albicilla
