#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "tests/bench/black_box/paced_events.h"
#include "tests/bench/black_box/socket_steps.h"

namespace albicilla::bench {

namespace {

constexpr std::string_view kMark = "\"at ";
constexpr std::size_t kMarkDigits = 20;

std::string request(std::string_view pace, bool stream) {
  const std::string body =
      std::string(R"({"model":"m","messages":[{"role":"user","content":"hi"}])") +
      (stream ? R"(,"stream":true})" : "}");
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer bench\r\n"
         "agent-session-id: bench\r\n"
         "Content-Type: application/json\r\nx-pace: " +
         std::string(pace) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::uint32_t microseconds_since(std::int64_t at_ns) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(now_ns() - at_ns, 0) / 1000);
}

struct OpenStream {
  int fd = -1;
  std::string rest;  // of what was read: an event may come in two pieces
};

// What came is looked through for the times inside; true at the stream's end.
bool take_events(OpenStream& stream, std::string_view bytes, std::vector<std::uint32_t>& delays) {
  stream.rest.append(bytes);
  std::size_t at = 0;
  while ((at = stream.rest.find(kMark)) != std::string::npos) {
    if (stream.rest.size() < at + kMark.size() + kMarkDigits + 1) break;
    delays.push_back(
        microseconds_since(std::strtoll(stream.rest.c_str() + at + kMark.size(), nullptr, 10)));
    stream.rest.erase(0, at + kMark.size() + kMarkDigits);
  }
  if (stream.rest.ends_with("0\r\n\r\n")) return true;
  if (stream.rest.size() > 4096 && at == std::string::npos) stream.rest.erase(0, 2048);
  return false;
}

}  // namespace

StreamResult read_streams(const StreamPlan& plan) {
  StreamResult result;
  result.delays_us.reserve(std::size_t{plan.streams} * plan.events);
  const int epoll = make_epoll();
  std::vector<OpenStream> streams(plan.streams);
  const std::string asked = request("events=" + std::to_string(plan.events) +
                                        " interval_ms=" + std::to_string(plan.interval.count()),
                                    true);
  unsigned open = 0;
  const auto serve = [&](int patience_ms) {
    std::array<epoll_event, 256> ready{};
    std::array<char, 16384> bytes{};
    const int count = epoll_wait(epoll, ready.data(), ready.size(), patience_ms);
    for (int i = 0; i < count; ++i) {
      OpenStream& stream = streams[ready[static_cast<std::size_t>(i)].data.u32];
      const ssize_t size = read(stream.fd, bytes.data(), bytes.size());
      const bool ended =
          size > 0 &&
          take_events(stream, {bytes.data(), static_cast<std::size_t>(size)}, result.delays_us);
      if (size > 0 && !ended) continue;
      if (!ended) ++result.failed;
      close(stream.fd);
      --open;
    }
    return count;
  };
  const std::int64_t spread = plan.interval / std::chrono::nanoseconds(1);
  const std::int64_t begin = now_ns();
  for (unsigned i = 0; i < plan.streams; ++i) {  // their events fall evenly into the interval
    while (now_ns() < begin + spread * i / plan.streams * 10) serve(1);
    streams[i].fd = connect_to(plan.port);
    watch(epoll, streams[i].fd, EPOLLIN, i);
    ++open;
    if (!write_all(streams[i].fd, asked)) give_up("write");
  }
  while (open > 0 && serve(20'000) > 0) {
  }
  result.failed += open;
  return result;
}

LatencyResult ask_at_rate(const LatencyPlan& plan) {
  LatencyResult result;
  const int epoll = make_epoll();
  const std::string asked = request("none", false);
  struct Link {
    int fd = -1;
    std::int64_t due = 0;
    std::string answer;
  };
  std::vector<Link> links;
  std::vector<std::uint32_t> idle;
  const auto total = static_cast<unsigned>(plan.rate * static_cast<double>(plan.time.count()));
  const std::int64_t begin = now_ns();
  unsigned sent = 0;
  unsigned ended = 0;
  while (ended < total) {
    const std::int64_t next = begin + static_cast<std::int64_t>(sent * 1e9 / plan.rate);
    if (sent < total && now_ns() >= next) {
      if (idle.empty()) {
        idle.push_back(static_cast<std::uint32_t>(links.size()));
        links.push_back({connect_to(plan.port), 0, {}});
        watch(epoll, links.back().fd, EPOLLIN, idle.back());
      }
      Link& link = links[idle.back()];
      idle.pop_back();
      link.due = next;
      if (!write_all(link.fd, asked)) give_up("write");
      ++sent;
      continue;
    }
    const std::int64_t left = sent < total ? next - now_ns() : 5'000'000'000;
    timespec patience{left > 0 ? left / 1'000'000'000 : 0, left > 0 ? left % 1'000'000'000 : 0};
    std::array<epoll_event, 16> ready{};
    const int count = epoll_pwait2(epoll, ready.data(), ready.size(), &patience, nullptr);
    if (count == 0 && sent == total) break;
    for (int i = 0; i < count; ++i) {
      Link& link = links[ready[static_cast<std::size_t>(i)].data.u32];
      std::array<char, 16384> bytes{};
      const ssize_t size = read(link.fd, bytes.data(), bytes.size());
      if (size <= 0) give_up("an answer was cut");
      link.answer.append(bytes.data(), static_cast<std::size_t>(size));
      // The provider's small answers end with the braces of their usage.
      if (!link.answer.ends_with("}") && !link.answer.ends_with("0\r\n\r\n")) continue;
      if (link.answer.starts_with("HTTP/1.1 200")) {
        result.delays_us.push_back(microseconds_since(link.due));
      } else {
        ++result.failed;
      }
      link.answer.clear();
      idle.push_back(ready[static_cast<std::size_t>(i)].data.u32);
      ++ended;
    }
  }
  result.failed += total - ended;
  for (const Link& link : links) close(link.fd);
  return result;
}

}  // namespace albicilla::bench
