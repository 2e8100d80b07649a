// One TCP connection to a host of several addresses, as RFC 8305 says: families in turn, a new try
// every quarter of a second or as soon as the last one has failed; the first that connects wins.
// An address that swallows packets costs that quarter, not the whole of the connect time.
#pragma once

#include <list>
#include <optional>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "proxy/traffic/deadlines.h"
#include "proxy/traffic/loop.h"
#include "proxy/traffic/net_stream.h"

namespace albicilla {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

// The resolver's order, but the two families alternate, the first one's first.
Endpoints families_in_turn(const Endpoints& endpoints);

// For one connection; must outlive run().
class Dial final : private Deadline {
 public:
  Dial(LoopExecutor executor, Deadlines& deadlines);

  // nullopt when all have failed, or after cancel().
  Task<std::optional<Socket>> run(const Endpoints& endpoints);
  void cancel();

  // Of the try that failed last.
  NetError error() const { return error_; }

 private:
  void start(const boost::asio::ip::tcp::endpoint& endpoint);
  void on_tried(Socket& socket, NetError error);
  void close_tries();
  void on_expired() override;

  LoopExecutor executor_;
  LoopEvent changed_;
  std::list<Socket> tries_;
  std::size_t under_way_ = 0;
  std::optional<Socket> won_;
  NetError error_;
  bool next_is_due_ = true;
  bool cancelled_ = false;
};

}  // namespace albicilla
