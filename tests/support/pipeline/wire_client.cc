#include "tests/support/pipeline/wire_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace albicilla::support {

std::string Reply::field(std::string_view name) const {
  for (const auto& [field_name, value] : fields) {
    if (equal_without_case(field_name, name)) return value;
  }
  return {};
}

WireClient::WireClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) close();
}

WireClient::WireClient(const std::filesystem::path& socket)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) close();
}

WireClient::~WireClient() { close(); }

void WireClient::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void WireClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void WireClient::reset() {
  const linger now{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

bool WireClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

WireClient::Read WireClient::read(std::chrono::steady_clock::time_point until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  pollfd waiting{fd_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <= 0) {
    return Read::late;
  }
  std::array<char, 65536> buffer;
  const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return Read::end;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return Read::more;
}

std::string WireClient::take_some(std::chrono::milliseconds bound) {
  if (received_.empty()) (void)read(std::chrono::steady_clock::now() + bound);
  return std::exchange(received_, {});
}

std::size_t WireClient::discard(std::size_t bytes, std::chrono::milliseconds bound) {
  const auto until = std::chrono::steady_clock::now() + bound;
  std::size_t got = 0;
  do {
    got += received_.size();
    received_.clear();
  } while (got < bytes && read(until) == Read::more);
  return got;
}

std::string WireClient::read_until(std::string_view text, std::chrono::milliseconds bound) {
  const auto until = std::chrono::steady_clock::now() + bound;
  while (received_.find(text) == std::string::npos && read(until) == Read::more) {
  }
  return received_;
}

Reply WireClient::receive(bool head_only, std::chrono::milliseconds bound) {
  const auto until = std::chrono::steady_clock::now() + bound;
  Reply reply;
  MessageHead head;
  BodyReader body;
  bool have_head = false;
  std::size_t at = 0;
  while (true) {
    if (!have_head) {
      const auto size = head_size(std::string_view(received_).substr(at));
      if (size && head.take(std::string_view(received_).substr(at, *size))) {
        at += *size;
        const auto status = parse_number(head.first_line().substr(9, 3)).value_or(0);
        if (status == 100) continue;
        reply.status = static_cast<unsigned>(status);
        have_head = true;
        const bool bodiless = head_only || status < 200 || status == 204 || status == 304;
        if (bodiless) {
          body.start(BodyReader::Framing::none);
        } else if (head.find("transfer-encoding")) {
          body.start(BodyReader::Framing::chunked);
        } else if (const auto length = head.find("content-length")) {
          body.start(BodyReader::Framing::sized, parse_number(*length).value_or(0));
        } else {
          body.start(BodyReader::Framing::until_close);
        }
      }
    }
    if (have_head) at += body.feed(std::string_view(received_).substr(at), reply.body);
    if (have_head && (body.done() || body.failed())) break;
    const Read outcome = read(until);
    if (outcome == Read::more) continue;
    reply.closed = outcome == Read::end;
    if (reply.closed && have_head) body.end_of_connection();
    break;
  }
  for (const auto& [name, value] : head.fields()) reply.fields.emplace_back(name, value);
  reply.complete = have_head && body.done();
  reply.raw = received_.substr(0, at);
  received_.erase(0, at);
  return reply;
}

std::string to_bytes(const Ask& ask) {
  std::string bytes = ask.method + " " + ask.target + " HTTP/1.1\r\n";
  const auto has = [&](std::string_view wanted) {
    return std::any_of(ask.fields.begin(), ask.fields.end(),
                       [&](const auto& field) { return equal_without_case(field.first, wanted); });
  };
  if (!has("host")) bytes += "Host: localhost\r\n";
  for (const auto& [name, value] : ask.fields) bytes += name + ": " + value + "\r\n";
  const bool sized = !has("content-length") && !has("transfer-encoding");
  if (sized && (!ask.body.empty() || ask.method == "POST")) {
    bytes += "Content-Length: " + std::to_string(ask.body.size()) + "\r\n";
  }
  return bytes + "\r\n" + ask.body;
}

Reply ask(std::uint16_t port, const Ask& what) {
  WireClient client(port);
  if (!client.send(to_bytes(what))) return {};
  return client.receive(what.method == "HEAD");
}

}  // namespace albicilla::support
