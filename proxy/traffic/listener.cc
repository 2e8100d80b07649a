#include "proxy/traffic/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "common/base/log.h"

namespace albicilla {

namespace asio = boost::asio;

namespace {

// When descriptors run out, accepting again at once would only spin.
constexpr std::chrono::milliseconds kPause{50};

std::string ip_of(const NetProtocol::endpoint& peer) {
  if (peer.protocol().family() == AF_UNIX) return "unix";
  asio::ip::tcp::endpoint address;
  if (peer.size() > address.capacity()) return "unknown";
  std::memcpy(address.data(), peer.data(), peer.size());
  address.resize(peer.size());
  asio::ip::address ip = address.address();
  if (ip.is_v6() && ip.to_v6().is_v4_mapped()) {
    ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
  }
  return ip.to_string();
}

}  // namespace

Listener::Listener(TrafficParts& parts)
    : parts_(parts), acceptor_(parts.executor), pause_(parts.executor) {}

Status Listener::adopt(int listening_fd) {
  int family = 0;
  socklen_t size = sizeof(family);
  if (::getsockopt(listening_fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) {
    return errno_error("listening socket", errno);
  }
  NetError error;
  acceptor_.assign(NetProtocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP), listening_fd, error);
  if (error) return our_error("listening socket: " + error.message());
  return {};
}

void Listener::start() {
  asio::co_spawn(parts_.executor, accept_all(), [](const std::exception_ptr& broken) {
    if (broken) std::rethrow_exception(broken);
  });
}

Task<void> Listener::accept_all() {
  while (!stopped_) {
    Socket socket(parts_.executor);
    NetProtocol::endpoint peer;
    NetError error;
    co_await acceptor_.async_accept(socket, peer, into(error));
    // Also when stopped meanwhile: whoever was accepted gets an answer.
    if (!error) {
      admit(std::move(socket), ip_of(peer));
      continue;
    }
    if (stopped_) break;
    if (error == asio::error::connection_aborted) continue;
    log_warning("cannot accept", {{"error", error.message()}, {"open", connections_.size()}});
    pause_.expires_after(kPause);
    co_await pause_.async_wait(into(error));
  }
}

bool Listener::is_full_for(const std::string& peer) const {
  const TrafficLimits& limits = parts_.settings.limits;
  if (connections_.size() >= limits.connections) return true;
  if (limits.connections_per_address == 0 || parts_.settings.trusted_proxies.contain(peer)) {
    return false;
  }
  const auto open = by_address_.find(peer);
  return open != by_address_.end() && open->second >= limits.connections_per_address;
}

void Listener::admit(Socket socket, const std::string& peer) {
  NetError ignored;
  socket.non_blocking(true, ignored);
  if (peer != "unix") socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (is_full_for(peer)) {
    constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
        "content-length: 96\r\nretry-after: 1\r\nx-should-retry: true\r\n"
        "x-albicilla-error: too_many_connections\r\nconnection: close\r\n\r\n"
        R"({"error":{"message":"too many connections","type":"server_error","code":"too_many_connections"}})";
    // Without a handshake a TLS client would not understand it.
    if (parts_.tls == nullptr) socket.write_some(asio::buffer(kFull.data(), kFull.size()), ignored);
    return;
  }
  if (parts_.settings.limits.connections_per_address != 0) ++by_address_[peer];
  connections_.emplace_front(parts_, std::move(socket), peer);
  const auto place = connections_.begin();
  asio::co_spawn(parts_.executor, place->run(), [this, place](const std::exception_ptr& broken) {
    if (const auto open = by_address_.find(place->peer());
        open != by_address_.end() && --open->second == 0) {
      by_address_.erase(open);
    }
    connections_.erase(place);
    if (broken) std::rethrow_exception(broken);
  });
}

void Listener::drain() {
  for (Connection& connection : connections_) connection.drain();
}

void Listener::stop() {
  stopped_ = true;
  NetError ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  drain();
}

void Listener::cut() {
  for (Connection& connection : connections_) connection.cut();
}

}  // namespace albicilla
