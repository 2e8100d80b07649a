// One socket, TCP or Unix, plain or under TLS: read some, write all, within a deadline. The same
// class serves clients and upstreams.
#pragma once

#include <chrono>
#include <coroutine>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "common/base/result.h"
#include "proxy/traffic/deadlines.h"
#include "proxy/traffic/loop.h"

namespace albicilla {

using NetProtocol = boost::asio::generic::stream_protocol;
using Socket = boost::asio::basic_stream_socket<NetProtocol, LoopExecutor>;
using TlsStream = boost::asio::ssl::stream<Socket&>;

struct IoResult {
  std::size_t bytes = 0;
  NetError error;
};

// What is left of both after `sent` bytes of them.
void take_sent(std::size_t sent, std::string_view& head, std::string_view& body);

// Belongs to one coroutine for reading and one for writing; they may be two.
class NetStream final : private Deadline {
 public:
  NetStream(Socket socket, Deadlines& deadlines);

  // The deadline covers whatever is under way; when it passes, that ends with an error and
  // timed_out() is true.
  using Deadline::expires_after;
  using Deadline::expires_never;
  bool timed_out() const { return expired(); }

  Task<NetError> connect(const NetProtocol::endpoint& endpoint);
  Task<IoResult> read_some(boost::asio::mutable_buffer space);
  // Calls `done(NetError, size_t)` from the loop; the stream must outlive that call.
  template <class Done>
  void read_in_background(boost::asio::mutable_buffer space, Done done) {
    if (tls_) {
      tls_->async_read_some(space, std::move(done));
    } else {
      socket_.async_read_some(space, std::move(done));
    }
  }
  // Tries at once and awaits only when the socket is full, so a small answer is one system call.
  Task<NetError> write(std::string_view head, std::string_view body = {});
  // How much of both the socket takes now; under TLS nothing. A full socket is no error.
  std::size_t write_at_once(std::string_view head, std::string_view body, NetError& error);

  // The handshake's settings (SNI, verification, session) are the caller's.
  TlsStream& start_tls(boost::asio::ssl::context& context);
  TlsStream* tls() { return tls_.get(); }
  // The orderly end of both sides of TLS: close_notify out, and theirs in.
  Task<void> end_tls();
  Socket& socket() { return socket_; }

  // What is under way ends with operation_aborted; the stream may still be used.
  void cancel();
  // How often; who was about to begin something sees that it would have ended.
  std::uint32_t cancels() const { return cancels_; }
  // FIN. Under TLS end_tls() comes before it.
  void shutdown_write();
  void close();
  // The peer sees a reset: how a broken answer without a length is told from a finished one.
  void reset();
  bool is_open() const { return socket_.is_open(); }

 private:
  void on_expired() override { cancel(); }
  Task<NetError> write_rest(std::string_view head, std::string_view body);

  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
  std::uint32_t cancels_ = 0;
};

}  // namespace albicilla
