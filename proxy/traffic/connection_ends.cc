// How a client's connection begins and ends: what stands before the first request, and how it
// closes so that the client sees what it was told.
#include <sys/socket.h>

#include <array>

#include <boost/asio/basic_waitable_timer.hpp>

#include "proxy/traffic/connection.h"
#include "proxy/traffic/proxy_protocol.h"

namespace albicilla {
namespace {

using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;

constexpr std::chrono::milliseconds kLinger{2000};
// A client of ours that waits for nothing need not be waited for.
constexpr std::chrono::milliseconds kShortLinger{100};
constexpr std::chrono::milliseconds kPreamblePause{10};
constexpr std::size_t kMostPreamble = 2048;

}  // namespace

// What stands before the first request: a balancer's word about the client, a TLS handshake.
Task<bool> Connection::begin() {
  NetStream& stream = client_.stream;
  stream.expires_after(parts_.settings.limits.header_time);
  if (client_.trusted && !co_await read_preamble()) co_return false;
  if (parts_.tls != nullptr && co_await parts_.tls->handshake(stream)) co_return false;
  stream.expires_never();
  co_return true;
}

// Looks before it takes: behind the preamble the bytes may be TLS.
Task<bool> Connection::read_preamble() {
  Socket& socket = client_.stream.socket();
  Timer pause(parts_.executor);
  std::array<char, kMostPreamble> bytes{};
  while (!client_.stream.timed_out() && !cut_) {
    NetError error;
    co_await socket.async_wait(Socket::wait_read, into(error));
    if (error) co_return false;
    const ssize_t got = ::recv(socket.native_handle(), bytes.data(), bytes.size(), MSG_PEEK);
    if (got <= 0) co_return false;
    const ProxyPreamble read = read_proxy_preamble({bytes.data(), static_cast<std::size_t>(got)});
    if (read.state == ProxyPreamble::State::absent) co_return true;
    if (read.state == ProxyPreamble::State::broken) co_return false;
    if (read.state == ProxyPreamble::State::whole) {
      ::recv(socket.native_handle(), bytes.data(), read.size, 0);
      if (!read.client.empty()) {
        client_.ip = read.client;
        client_.trusted = parts_.settings.trusted_proxies.contain(read.client);
      }
      co_return true;
    }
    pause.expires_after(kPreamblePause);
    co_await pause.async_wait(into(error));
  }
  co_return false;
}

// Lets the client read what was written last: a close with unread bytes of theirs would reset it.
Task<void> Connection::finish() {
  NetStream& stream = client_.stream;
  if (stream.is_open() && !cut_ && !client_.input.error()) {
    stream.expires_after(ended_idle_ ? kShortLinger : kLinger);
    stream.cancel();
    co_await client_.input.settled();
    if (stream.tls() != nullptr) co_await stream.end_tls();
    stream.shutdown_write();
    std::array<char, 4096> discarded{};
    if (!client_.input.ended() && stream.tls() == nullptr) {
      while (!stream.timed_out()) {
        const IoResult read = co_await stream.read_some(boost::asio::buffer(discarded));
        if (read.error) break;
      }
    }
  }
  stream.close();
  co_await client_.input.settled();
}

}  // namespace albicilla
