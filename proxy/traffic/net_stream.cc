#include "proxy/traffic/net_stream.h"

#include <sys/socket.h>

#include <array>
#include <utility>

#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

namespace albicilla {

namespace asio = boost::asio;

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

Task<NetError> NetStream::write_rest(std::span<OutBuffer> buffers) {
  NetError error;
  const std::array<OutBuffer, 2> two{buffers[0], buffers.size() > 1 ? buffers[1] : OutBuffer()};
  if (tls_) {
    co_await asio::async_write(*tls_, two, into(error));
  } else {
    co_await asio::async_write(socket_, two, into(error));
  }
  co_return error;
}

Task<NetError> NetStream::write(OutBuffer bytes) { co_return co_await write(bytes, OutBuffer()); }

Task<NetError> NetStream::write(OutBuffer head, OutBuffer body) {
  std::array<OutBuffer, 2> buffers{head, body};
  if (!tls_) {
    NetError error;
    std::size_t sent = socket_.write_some(buffers, error);
    if (error && error != asio::error::would_block) co_return error;
    if (sent == head.size() + body.size()) co_return NetError();
    const std::size_t of_head = std::min(sent, head.size());
    buffers[0] += of_head;
    buffers[1] += sent - of_head;
  }
  co_return co_await write_rest(buffers);
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
