#include "proxy/traffic/net_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

namespace albicilla {

namespace asio = boost::asio;

namespace {

std::array<asio::const_buffer, 2> both_of(std::string_view head, std::string_view body) {
  return {asio::const_buffer(head.data(), head.size()),
          asio::const_buffer(body.data(), body.size())};
}

}  // namespace

void take_sent(std::size_t sent, std::string_view& head, std::string_view& body) {
  const std::size_t of_head = std::min(sent, head.size());
  head.remove_prefix(of_head);
  body.remove_prefix(sent - of_head);
}

NetStream::NetStream(Socket socket, Deadlines& deadlines)
    : Deadline(deadlines), socket_(std::move(socket)) {}

Task<NetError> NetStream::connect(const NetProtocol::endpoint& endpoint) {
  NetError error;
  co_await socket_.async_connect(endpoint, into(error));
  if (!error) socket_.non_blocking(true, error);
  co_return error;
}

Task<IoResult> NetStream::read_some(asio::mutable_buffer space) {
  IoResult result;
  if (tls_) {
    result.bytes = co_await tls_->async_read_some(space, into(result.error));
  } else {
    result.bytes = co_await socket_.async_read_some(space, into(result.error));
  }
  co_return result;
}

Task<NetError> NetStream::write_rest(std::string_view head, std::string_view body) {
  NetError error;
  const auto both = both_of(head, body);
  if (tls_) {
    co_await asio::async_write(*tls_, both, into(error));
  } else {
    co_await asio::async_write(socket_, both, into(error));
  }
  co_return error;
}

std::size_t NetStream::write_at_once(std::string_view head, std::string_view body,
                                     NetError& error) {
  if (tls_) return 0;
  // One piece needs no list of pieces, which the kernel would copy and check.
  const std::size_t sent = body.empty() ? socket_.write_some(asio::buffer(head), error)
                                        : socket_.write_some(both_of(head, body), error);
  if (error == asio::error::would_block) error = {};
  return sent;
}

Task<NetError> NetStream::write(std::string_view head, std::string_view body) {
  NetError error;
  const std::size_t sent = write_at_once(head, body, error);
  if (error) co_return error;
  take_sent(sent, head, body);
  if (head.empty() && body.empty()) co_return NetError();
  co_return co_await write_rest(head, body);
}

TlsStream& NetStream::start_tls(asio::ssl::context& context) {
  tls_ = std::make_unique<TlsStream>(socket_, context);
  return *tls_;
}

Task<void> NetStream::end_tls() {
  NetError ignored;
  if (tls_) co_await tls_->async_shutdown(into(ignored));
}

void NetStream::cancel() {
  ++cancels_;
  NetError ignored;
  socket_.cancel(ignored);
}

void NetStream::shutdown_write() {
  NetError ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void NetStream::close() {
  NetError ignored;
  socket_.close(ignored);
}

void NetStream::reset() {
  NetError ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

}  // namespace albicilla
