#include "proxy/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace albicilla {
namespace {

constexpr int kBacklog = 4096;  // the kernel cuts it to somaxconn

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

Status set_option(int fd, int level, int option, int value) {
  if (::setsockopt(fd, level, option, &value, sizeof(value)) == 0) return {};
  return errno_error("setsockopt", errno);
}

Status bind_and_listen(int fd, const sockaddr* address, socklen_t size) {
  if (Status reuse = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1); !reuse) return reuse;
  if (Status reuse = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1); !reuse) return reuse;
  if (address->sa_family == AF_INET6) {
    // "::" serves IPv4 clients too.
    if (Status both = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0); !both) return both;
  }
  if (::bind(fd, address, size) != 0) return errno_error("bind", errno);
  if (::listen(fd, kBacklog) != 0) return errno_error("listen", errno);
  return {};
}

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// Somebody who listens without SO_REUSEPORT keeps us out anyway; somebody of our own user who
// listens with it would silently share our clients.
bool is_taken(const sockaddr* address, socklen_t size) {
  const int probe = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  (void)set_option(probe, SOL_SOCKET, SO_REUSEADDR, 1);
  const bool taken = ::bind(probe, address, size) != 0 && errno == EADDRINUSE;
  ::close(probe);
  return taken;
}

}  // namespace

Result<ListeningSockets> open_listening_sockets(const std::string& host, std::uint16_t port,
                                                std::uint32_t count) {
  const std::string where = "listen on " + host + ":" + std::to_string(port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (failed != 0) return our_error(where + ": " + ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, FreeAddresses> found(list);
  sockaddr_storage address{};
  socklen_t size = found->ai_addrlen;
  std::memcpy(&address, found->ai_addr, size);
  if (port != 0 && is_taken(reinterpret_cast<sockaddr*>(&address), size)) {
    return our_error(where + ": address already in use");
  }
  ListeningSockets sockets;
  for (std::uint32_t i = 0; i < count; ++i) {
    const int fd = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno_error(where, errno);
    sockets.fds.push_back(fd);
    const Status ready = bind_and_listen(fd, reinterpret_cast<sockaddr*>(&address), size);
    if (!ready) return our_error(where + ": " + ready.error().message);
    // With port 0 the first one is given a port and the others join it.
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  }
  sockets.port = port_of(address);
  return sockets;
}

}  // namespace albicilla
