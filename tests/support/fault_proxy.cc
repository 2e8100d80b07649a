#include "tests/support/fault_proxy.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <list>
#include <string>
#include <vector>

namespace albicilla::support {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{1} << 20;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void close_with_reset(int fd) {
  const linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

struct Relay {
  std::array<int, 2> ends{-1, -1};     // client, server
  std::array<std::string, 2> waiting;  // for that end
  bool lost = false;                   // bytes were swallowed
  bool over = false;

  void reset() {
    for (const int fd : ends) close_with_reset(fd);
    over = true;
  }

  void read(std::size_t from, bool swallow) {
    std::array<char, 65536> bytes;
    const ssize_t count = recv(ends[from], bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count <= 0) return reset();
    if (swallow) {
      lost = true;
    } else {
      waiting[1 - from].append(bytes.data(), static_cast<std::size_t>(count));
    }
  }

  void write(std::size_t to) {
    const ssize_t count =
        send(ends[to], waiting[to].data(), waiting[to].size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return reset();
    waiting[to].erase(0, static_cast<std::size_t>(count));
  }
};

bool swallows(FaultProxy::Cut cut, std::size_t from) {
  using Cut = FaultProxy::Cut;
  return cut == Cut::swallow_both || (cut == Cut::swallow_forward && from == 0) ||
         (cut == Cut::swallow_back && from == 1);
}

void turn(std::list<Relay>& relays, int listener, FaultProxy::Cut cut, std::uint16_t target) {
  std::vector<pollfd> polled{{listener, POLLIN, 0}};
  for (const Relay& relay : relays) {
    for (std::size_t end = 0; end < 2; ++end) {
      short events = relay.waiting[1 - end].size() < kMostWaiting ? POLLIN : 0;
      if (!relay.waiting[end].empty()) events |= POLLOUT;
      polled.push_back({relay.ends[end], events, 0});
    }
  }
  poll(polled.data(), polled.size(), 20);
  std::size_t at = 1;
  for (Relay& relay : relays) {
    for (std::size_t end = 0; end < 2; ++end, ++at) {
      if (relay.over) continue;
      if ((polled[at].revents & POLLOUT) != 0) relay.write(end);
      const bool readable = (polled[at].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      if (!relay.over && readable) relay.read(end, swallows(cut, end));
    }
    const bool heals = relay.lost && cut == FaultProxy::Cut::none;
    if (!relay.over && (cut == FaultProxy::Cut::reset || heals)) relay.reset();
  }
  relays.remove_if([](const Relay& relay) { return relay.over; });
  if ((polled[0].revents & POLLIN) == 0) return;
  const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(target);
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  if (cut == FaultProxy::Cut::reset || connect(server, raw, sizeof address) != 0) {
    close_with_reset(client);
    close(server);
    return;
  }
  relays.push_back({{client, server}, {}, false, false});
}

}  // namespace

FaultProxy::FaultProxy(std::uint16_t target) : target_(target) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  bind(listener_, raw, size);
  listen(listener_, 64);
  getsockname(listener_, raw, &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

FaultProxy::~FaultProxy() {
  stopping_ = true;
  thread_.join();
  close(listener_);
}

void FaultProxy::run() {
  std::list<Relay> relays;
  while (!stopping_) turn(relays, listener_, cut_, target_);
  for (Relay& relay : relays) relay.reset();
}

}  // namespace albicilla::support
