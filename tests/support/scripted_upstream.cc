#include "tests/support/scripted_upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "tests/support/http_framing.h"

namespace albicilla::support {
namespace {

constexpr std::chrono::milliseconds kPeerPatience{10'000};
constexpr int kPollMilliseconds = 50;

bool readable(int fd, std::chrono::milliseconds bound) {
  pollfd asked{fd, POLLIN, 0};
  return ::poll(&asked, 1, static_cast<int>(bound.count())) > 0;
}

}  // namespace

UpstreamPeer::~UpstreamPeer() { close(); }

bool UpstreamPeer::fill() {
  if (fd_ < 0 || !readable(fd_, patience_)) return false;
  std::array<char, 65536> block{};
  const ssize_t got = ::recv(fd_, block.data(), block.size(), 0);
  if (got <= 0) return false;
  held_.append(block.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> UpstreamPeer::read_head() {
  while (true) {
    if (const auto size = head_size(held_)) {
      std::string head = held_.substr(0, *size);
      held_.erase(0, *size);
      return head;
    }
    if (!fill()) return std::nullopt;
  }
}

std::optional<std::string> UpstreamPeer::read_request() {
  auto head = read_head();
  if (!head) return std::nullopt;
  MessageHead fields;
  if (!fields.take(*head)) return std::nullopt;
  BodyReader body;
  if (const auto length = fields.find("content-length")) {
    body.start(BodyReader::Framing::sized, parse_number(*length).value_or(0));
  } else if (fields.find("transfer-encoding")) {
    body.start(BodyReader::Framing::chunked);
  } else {
    body.start(BodyReader::Framing::none);
  }
  std::string request = *std::move(head);
  std::string decoded;
  while (!body.done() && !body.failed()) {
    if (held_.empty() && !fill()) return std::nullopt;
    const std::size_t taken = body.feed(held_, decoded);
    request.append(held_, 0, taken);
    held_.erase(0, taken);
  }
  return request;
}

std::string UpstreamPeer::read_some() {
  if (held_.empty()) fill();
  return std::exchange(held_, {});
}

bool UpstreamPeer::wait_closed() {
  while (fill()) held_.clear();
  if (fd_ < 0) return true;
  char byte = 0;
  const ssize_t got = ::recv(fd_, &byte, 1, MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

bool UpstreamPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void UpstreamPeer::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void UpstreamPeer::reset() {
  const linger abrupt{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abrupt, sizeof(abrupt));
  close();
}

ScriptedUpstream::ScriptedUpstream(Script script) : script_(std::move(script)) {
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listening_, generic, size) == 0 && ::listen(listening_, 128) == 0 &&
      ::getsockname(listening_, generic, &size) == 0) {
    port_ = ntohs(address.sin_port);
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedUpstream::~ScriptedUpstream() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& peer : peers_) peer.join();
  ::close(listening_);
}

void ScriptedUpstream::play(Script script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

void ScriptedUpstream::accept_all() {
  while (!stopping_) {
    if (!readable(listening_, std::chrono::milliseconds(kPollMilliseconds))) continue;
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ++connections_;
    Script script;
    {
      const std::lock_guard lock(mutex_);
      script = script_;
    }
    peers_.emplace_back([fd, script = std::move(script)] {
      UpstreamPeer peer(fd, kPeerPatience);
      script(peer);
    });
  }
}

EchoingUpstream::EchoingUpstream(std::string answer)
    : answer_(std::move(answer)), upstream_([this](UpstreamPeer& peer) {
        while (auto request = peer.read_request()) {
          std::string bytes;
          {
            const std::lock_guard lock(mutex_);
            requests_.push_back(*std::move(request));
            bytes = answer_;
          }
          if (!peer.send(bytes)) return;
        }
      }) {}

std::vector<std::string> EchoingUpstream::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void EchoingUpstream::answer_with(std::string answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

}  // namespace albicilla::support
