#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <string>
#include <unordered_map>

#include "tests/bench/black_box/paced_events.h"
#include "tests/bench/black_box/socket_steps.h"

namespace albicilla::bench {

namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view kEnd = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

// The number behind `name=` in a request's x-pace field.
unsigned number_behind(const std::string& request, std::string_view name, unsigned usual) {
  const std::size_t at = request.find(name);
  return at == std::string::npos
             ? usual
             : static_cast<unsigned>(std::strtoul(request.c_str() + at + name.size(), nullptr, 10));
}

struct Stream {
  std::string request;
  unsigned events_left = 0;
  std::int64_t interval_ns = 0;
};

struct Due {
  std::int64_t at;
  int fd;
  bool operator>(const Due& other) const { return at > other.at; }
};

class PacedProvider {
 public:
  int serve() {
    std::uint16_t port = 0;
    listener_ = listen_anywhere(port);
    watch(epoll_, listener_, EPOLLIN, static_cast<std::uint32_t>(listener_));
    std::printf("listening 127.0.0.1:%u\n", port);
    std::fflush(stdout);
    std::array<epoll_event, 256> ready{};
    while (true) {
      const int count = epoll_wait(epoll_, ready.data(), ready.size(), patience());
      for (int i = 0; i < count; ++i) {
        const int fd = static_cast<int>(ready[static_cast<std::size_t>(i)].data.u32);
        fd == listener_ ? accept_all() : read_from(fd);
      }
      write_due();
    }
  }

 private:
  int patience() const {
    if (due_.empty()) return -1;
    const std::int64_t left = due_.top().at - now_ns();
    return left <= 0 ? 0 : static_cast<int>(left / 1'000'000 + 1);
  }

  void accept_all() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(epoll_, fd, EPOLLIN, static_cast<std::uint32_t>(fd));
      streams_[fd] = {};
    }
  }

  void read_from(int fd) {
    std::array<char, 8192> bytes{};
    const ssize_t count = read(fd, bytes.data(), bytes.size());
    if (count <= 0) return drop(fd);
    Stream& stream = streams_[fd];
    stream.request.append(bytes.data(), static_cast<std::size_t>(count));
    const std::size_t body = stream.request.find("\r\n\r\n");
    // The client's only body ends with this.
    if (body == std::string::npos || !stream.request.ends_with("\"stream\":true}")) return;
    stream.events_left = number_behind(stream.request, "events=", 50);
    stream.interval_ns = number_behind(stream.request, "interval_ms=", 100) * std::int64_t{1000000};
    stream.request.clear();
    if (!write_all(fd, kHead)) return drop(fd);
    due_.push({now_ns() + stream.interval_ns, fd});
  }

  void write_due() {
    while (!due_.empty() && due_.top().at <= now_ns()) {
      const Due due = due_.top();
      due_.pop();
      const auto found = streams_.find(due.fd);
      if (found == streams_.end() || found->second.events_left == 0) continue;
      Stream& stream = found->second;
      if (!write_event(due.fd)) {
        drop(due.fd);
      } else if (--stream.events_left > 0) {
        due_.push({due.at + stream.interval_ns, due.fd});
      } else if (!write_all(due.fd, kEnd)) {
        drop(due.fd);
      }
    }
  }

  static bool write_event(int fd) {
    std::array<char, 320> event{};
    const int size = std::snprintf(
        event.data(), event.size(),
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"at %020lld \"},"
        "\"finish_reason\":null}]}\n\n",
        static_cast<long long>(now_ns()));
    std::array<char, 352> chunk{};
    const int whole = std::snprintf(chunk.data(), chunk.size(), "%x\r\n%s\r\n",
                                    static_cast<unsigned>(size), event.data());
    return write_all(fd, {chunk.data(), static_cast<std::size_t>(whole)});
  }

  void drop(int fd) {
    streams_.erase(fd);
    close(fd);
  }

  int epoll_ = make_epoll();
  int listener_ = -1;
  std::unordered_map<int, Stream> streams_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace

int provide_streams() { return PacedProvider().serve(); }

}  // namespace albicilla::bench
