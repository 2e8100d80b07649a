#include "proxy/listening_socket.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
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

constexpr mode_t kOwnerAndGroup = 0660;

// True when somebody accepts there; a file that nobody listens on is in nobody's use.
bool is_served(const sockaddr_un& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return true;
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const bool served = ::connect(probe, generic, sizeof(address)) == 0;
  ::close(probe);
  return served;
}

}  // namespace

Result<ListeningSockets> open_unix_socket(const std::string& path, std::uint32_t count) {
  const std::string where = "listen on " + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return our_error(where + ": the path is too long");
  std::memcpy(address.sun_path, path.c_str(), path.size());
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) return our_error(where + ": a file stands there");
    if (is_served(address)) return our_error(where + ": address already in use");
    ::unlink(path.c_str());
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno_error(where, errno);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::chmod(path.c_str(), kOwnerAndGroup) != 0 || ::listen(fd, kBacklog) != 0) {
    return errno_error(where, errno);
  }
  ListeningSockets sockets;
  sockets.fds.push_back(fd);
  while (sockets.fds.size() < count) {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return errno_error(where, errno);
    sockets.fds.push_back(copy);
  }
  return sockets;
}

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

// Closing at once would reset connections that are in the queue or half made, and a balancer takes
// a reset for an answer that never came, where it would try a refused one elsewhere.
void end_listening(ListeningSockets& sockets) {
  constexpr std::uint32_t kFlags = 13;  // of a TCP header, where the filter's view begins
  constexpr std::uint32_t kSyn = 0x02;
  constexpr std::uint32_t kAck = 0x10;
  std::array<sock_filter, 5> drop_new = {{{BPF_LD | BPF_B | BPF_ABS, 0, 0, kFlags},
                                          {BPF_ALU | BPF_AND | BPF_K, 0, 0, kSyn | kAck},
                                          {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, kSyn},
                                          {BPF_RET | BPF_K, 0, 0, 0},
                                          {BPF_RET | BPF_K, 0, 0, 0xFFFFFFFF}}};
  const sock_fprog program{static_cast<unsigned short>(drop_new.size()), drop_new.data()};
  for (const int fd : sockets.fds) {
    // Where it cannot be (a Unix socket), those few are reset.
    (void)::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    ::close(fd);
  }
  sockets.fds.clear();
}

}  // namespace albicilla
