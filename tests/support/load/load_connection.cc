#include "tests/support/load/load_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace albicilla::support {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::string_view kTerminal = "data: [DONE]";
constexpr std::chrono::milliseconds kPauseAfterFailure{10};
constexpr std::chrono::milliseconds kPauseAfterRefusal{100};  // nobody listens: a start takes time

}  // namespace

void LoadConnection::add(EventLoop& loop, Load& load, std::chrono::milliseconds delay) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  loop.add(fd, 0, std::make_unique<LoadConnection>(fd, loop, load));
  loop.call_after(fd, delay);
}

LoadConnection::LoadConnection(int fd, EventLoop& loop, Load& load)
    : loop_(loop), load_(load), socket_(fd, nullptr) {}

void LoadConnection::on_timer() {
  if (gone_) return;
  if (state_ == State::idle) return connect();
  if (!attempt_) return;
  const auto left = attempt_->begun + load_.plan().timeout - std::chrono::steady_clock::now();
  if (left.count() <= 0) fail("timeout");
}

void LoadConnection::connect() {
  const int on = 1;
  setsockopt(socket_.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(load_.plan().port);
  inet_pton(AF_INET, load_.plan().host.c_str(), &address.sin_addr);
  state_ = State::connecting;
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  attempt_ = load_.next();
  if (!attempt_) {
    gone_ = true;
    return loop_.drop(socket_.fd());
  }
  if (::connect(socket_.fd(), raw, sizeof address) != 0 && errno != EINPROGRESS) {
    return fail("connect");
  }
  loop_.call_after(socket_.fd(), load_.plan().timeout);
  loop_.change(socket_.fd(), EPOLLOUT);
}

void LoadConnection::on_ready(std::uint32_t epoll_events) {
  if (gone_) return;
  if (state_ == State::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket_.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail("connect");
    loop_.change(socket_.fd(), EPOLLIN);
    return send_next();
  }
  if ((epoll_events & EPOLLOUT) != 0) write();
  if (!gone_ && (epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

// Sends attempt_, or the next of the plan when there is none.
void LoadConnection::send_next() {
  if (!attempt_) {
    attempt_ = load_.next();
    if (!attempt_) {
      gone_ = true;
      return loop_.drop(socket_.fd());
    }
    loop_.call_after(socket_.fd(), load_.plan().timeout);
  }
  const LoadPlan& plan = load_.plan();
  const std::string body = load_.body_of(*attempt_);
  attempt_->request_bytes = body.size();
  attempt_->request_sha256 = sha256_hex(body);
  out_ = "POST " + plan.path + " HTTP/1.1\r\nhost: " + plan.host + ":" + std::to_string(plan.port) +
         "\r\ncontent-type: application/json\r\nagent-session-id: " + load_.session_of(*attempt_);
  for (const std::string& field : plan.fields) out_ += "\r\n" + field;
  out_ += "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  out_at_ = 0;
  in_.clear();
  tail_.clear();
  terminal_seen_ = false;
  hash_.emplace();
  state_ = State::head;
  write();
}

void LoadConnection::write() {
  while (out_at_ < out_.size()) {
    const auto [outcome, bytes] = socket_.write(std::string_view(out_).substr(out_at_));
    if (outcome == StreamSocket::Outcome::closed) return fail("write");
    if (outcome == StreamSocket::Outcome::would_block) {
      return loop_.change(socket_.fd(), EPOLLIN | EPOLLOUT);
    }
    out_at_ += bytes;
    attempt_->sent = true;
  }
  loop_.change(socket_.fd(), EPOLLIN);
}

void LoadConnection::read() {
  thread_local std::string buffer(kReadBytes, '\0');
  const auto [outcome, bytes] = socket_.read(buffer.data(), buffer.size());
  if (outcome == StreamSocket::Outcome::would_block) return;
  if (outcome == StreamSocket::Outcome::moved) return take({buffer.data(), bytes});
  if (state_ == State::body) {
    body_reader_.end_of_connection();
    keep_alive_ = false;
    if (body_reader_.done()) return finish();
    return fail("body broken off");
  }
  fail("closed before the head");
}

void LoadConnection::take(std::string_view bytes) {
  if (state_ == State::body) return take_body(bytes);
  in_.append(bytes);
  while (state_ == State::head) {
    if (!take_head()) return;
  }
  if (gone_) return;
  const std::string rest = std::move(in_);
  in_.clear();
  take_body(rest);
}

// True when a head was taken; interim heads are skipped.
bool LoadConnection::take_head() {
  const auto size = head_size(in_);
  if (!size) return false;
  const bool legal = head_.take(std::string_view(in_).substr(0, *size));
  in_.erase(0, *size);
  const std::string_view line = head_.first_line();
  const auto status = line.size() >= 12 ? parse_number(line.substr(9, 3)) : std::nullopt;
  if (!legal || !status) {
    fail("bad head");
    return false;
  }
  if (*status < 200) return true;
  attempt_->status = static_cast<unsigned>(*status);
  attempt_->refused = head_.find("x-albicilla-error").has_value();
  keep_alive_ = !equal_without_case(head_.find("connection").value_or(""), "close");
  const auto length = head_.find("content-length");
  if (head_.find("transfer-encoding")) {
    body_reader_.start(BodyReader::Framing::chunked);
  } else if (length) {
    body_reader_.start(BodyReader::Framing::sized, parse_number(*length).value_or(0));
  } else {
    body_reader_.start(BodyReader::Framing::until_close);
  }
  state_ = State::body;
  return true;
}

void LoadConnection::take_body(std::string_view bytes) {
  std::string piece;
  body_reader_.feed(bytes, piece);
  if (!piece.empty()) {
    if (!attempt_->first_byte) {
      attempt_->first_byte = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - attempt_->begun);
    }
    attempt_->response_bytes += piece.size();
    add_moment(attempt_->timeline, attempt_->response_bytes);
    hash_->add(piece);
    tail_ += piece;
    terminal_seen_ = terminal_seen_ || tail_.find(kTerminal) != std::string::npos;
    if (tail_.size() > kTerminal.size()) tail_.erase(0, tail_.size() - kTerminal.size());
  }
  if (body_reader_.failed()) return fail("bad chunk");
  const bool leaves = attempt_->hangs_up ? terminal_seen_ : attempt_->aborts && !piece.empty();
  if (leaves && !body_reader_.done()) {
    attempt_->left = true;
    keep_alive_ = false;
    return finish();
  }
  if (body_reader_.done()) finish();
}

void LoadConnection::finish() {
  const bool event_stream =
      head_.find("content-type").value_or("").starts_with("text/event-stream");
  const bool whole = body_reader_.done() || (attempt_->left && terminal_seen_);
  attempt_->complete = whole && (terminal_seen_ || !event_stream);
  if (!attempt_->complete && !attempt_->left) attempt_->error = "no terminal event";
  attempt_->response_sha256 = hash_->hex();
  load_.finished(*attempt_);
  attempt_.reset();
  if (keep_alive_) return send_next();
  replace(std::chrono::milliseconds(0));
}

void LoadConnection::fail(std::string_view error) {
  attempt_->error = error;
  if (hash_) attempt_->response_sha256 = hash_->hex();
  load_.finished(*attempt_);
  attempt_.reset();
  replace(error == "connect" ? kPauseAfterRefusal : kPauseAfterFailure);
}

void LoadConnection::replace(std::chrono::milliseconds delay) {
  gone_ = true;
  loop_.drop(socket_.fd());
  add(loop_, load_, delay);
}

}  // namespace albicilla::support
