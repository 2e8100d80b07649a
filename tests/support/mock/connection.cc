#include "tests/support/mock/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

#include "tests/support/mock/answer_head.h"

namespace albicilla::mock {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kMostBatchBytes = 16 * 1024;
// A fast reader must not keep the loop from the others.
constexpr int kMostUnitsInARow = 64;

bool names_token(std::optional<std::string_view> value, std::string_view token) {
  return value && support::equal_without_case(*value, token);
}

}  // namespace

Connection::Connection(int fd, support::EventLoop& loop, Provider& provider)
    : loop_(loop), provider_(provider), socket_(fd, provider.tls.get()) {
  ++provider_.counters.connections;
}

Connection::~Connection() { --provider_.counters.connections; }

void Connection::on_ready(std::uint32_t epoll_events) {
  if ((epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive();
  if (!dropped_ && state_ == State::playing && (epoll_events & EPOLLOUT) != 0) play();
  if (!dropped_ && state_ == State::talking) talk();
  take_requests();
}

void Connection::on_timer() {
  if (dropped_) return;
  if (state_ == State::waiting) {
    state_ = State::playing;
    begin_head();
  } else if (state_ == State::playing) {
    play();
  } else if (state_ == State::talking) {
    pausing_ = false;
    if (web_socket_->has_next()) web_socket_->send_next(out_);
    talk();
  }
  take_requests();
}

void Connection::receive() {
  thread_local std::string buffer(kReadBytes, '\0');
  while (true) {
    const auto [outcome, bytes] = socket_.read(buffer.data(), buffer.size());
    if (outcome == support::StreamSocket::Outcome::would_block) return;
    if (outcome == support::StreamSocket::Outcome::closed) {
      if (state_ == State::talking) return finish_talking("client_gone");
      if (state_ != State::reading) end("client_gone");
      drop();
      return;
    }
    in_.append(buffer.data(), bytes);
    // Plain sockets: a short read means empty. TLS may hold more records.
    if (provider_.tls == nullptr && bytes < buffer.size()) return;
  }
}

void Connection::take_requests() {
  while (state_ == State::reading && !dropped_) {
    if (!have_head_ && !take_head()) return;
    in_at_ += body_reader_.feed(std::string_view(in_).substr(in_at_), body_);
    if (in_at_ == in_.size()) {
      in_.clear();
      in_at_ = 0;
    }
    if (body_reader_.failed()) return drop();
    if (!body_reader_.done()) return;
    start_answer();
  }
}

bool Connection::take_head() {
  const std::string_view rest = std::string_view(in_).substr(in_at_);
  const auto size = support::head_size(rest);
  if (!size) {
    if (rest.size() > support::kMostHeadBytes) drop();
    return false;
  }
  if (!head_.take(rest.substr(0, *size))) {
    drop();
    return false;
  }
  in_at_ += *size;
  const std::string_view line = head_.first_line();
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first) {
    drop();
    return false;
  }
  request_.method = line.substr(0, first);
  request_.target = line.substr(first + 1, last - first - 1);
  request_.path = request_.target.substr(0, request_.target.find('?'));
  request_.head = &head_;
  http10_ = line.substr(last + 1) == "HTTP/1.0";
  const auto connection = head_.find("connection");
  keep_alive_ = http10_ ? names_token(connection, "keep-alive") : !names_token(connection, "close");
  body_.clear();
  if (head_.find("transfer-encoding")) {
    body_reader_.start(support::BodyReader::Framing::chunked);
  } else {
    const auto length = support::parse_number(head_.find("content-length").value_or("0"));
    body_reader_.start(support::BodyReader::Framing::sized, length.value_or(0));
  }
  have_head_ = true;
  if (names_token(head_.find("expect"), "100-continue")) {
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    flush();
  }
  return true;
}

void Connection::start_answer() {
  have_head_ = false;
  request_.body = body_;
  request_.number = ++provider_.counters.requests;
  ++provider_.counters.active;
  if (wants_web_socket(request_)) return start_talking();
  answer_ = answer_to(request_, provider_);
  entry_ = JournalEntry{};
  if (provider_.journal.enabled()) {
    entry_.marker = answer_.directives.marker;
    entry_.method = request_.method;
    entry_.target = request_.target;
    entry_.request_bytes = body_.size();
    entry_.request_sha256 = support::sha256_hex(body_);
    entry_.text_sha256 = support::sha256_hex(answer_.text);
    for (const auto& [name, value] : head_.fields()) {
      entry_.request_fields.emplace_back(name, value);
    }
    entry_.response_fields = answer_.fields;
    response_hash_.emplace();
  }
  entry_.status = answer_.status;
  entry_.stream = answer_.stream;
  ended_body_ = false;
  lingered_ = false;
  state_ = State::playing;
  if (answer_.directives.delay.count() > 0) {
    state_ = State::waiting;
    loop_.call_after(socket_.fd(), answer_.directives.delay);
    return;
  }
  begin_head();
}

void Connection::start_talking() {
  Ask ask;
  read_ask(request_, provider_.threads, ask);
  entry_ = JournalEntry{};
  entry_.method = request_.method;
  entry_.target = request_.target;
  entry_.status = 101;
  entry_.stream = true;
  web_socket_.emplace(request_, ask.directives, provider_.threads);
  out_ += web_socket_->head(http_date());
  state_ = State::talking;
  talk();
}

void Connection::talk() {
  const std::string bytes = in_.substr(in_at_);
  in_.clear();
  in_at_ = 0;
  web_socket_->receive(bytes, out_);
  const bool ended = web_socket_->ended();
  if (!flush()) return;
  if (ended) return finish_talking("complete");
  if (!web_socket_->has_next() || pausing_) return;
  pausing_ = true;
  loop_.call_after(socket_.fd(), web_socket_->pause());
}

void Connection::finish_talking(std::string_view ending) {
  entry_.marker = web_socket_->marker();
  entry_.units = web_socket_->messages_sent();
  entry_.request_bytes = web_socket_->received().size();
  entry_.request_sha256 = support::sha256_hex(web_socket_->received());
  entry_.response_bytes = web_socket_->sent().size();
  response_hash_.emplace();
  response_hash_->add(web_socket_->sent());
  end(ending);
  drop();
}

void Connection::begin_head() {
  const Directives& directives = answer_.directives;
  if (directives.drop) {
    if (directives.reset_after) socket_.reset_on_close();
    end("cut");
    return drop();
  }
  const bool bodiless = request_.method == "HEAD" || answer_.status == 204 || answer_.status == 304;
  if (directives.close || directives.until_close) keep_alive_ = false;
  for (std::uint64_t i = 0; i < directives.early_hints; ++i) {
    out_ += "HTTP/1.1 103 Early Hints\r\nlink: </hint>; rel=preload\r\n\r\n";
  }
  out_ += "HTTP/1.1 ";
  out_ += std::to_string(answer_.status);
  out_ += ' ';
  out_ += reason_of(answer_.status);
  out_ += "\r\ndate: ";
  out_ += http_date();
  for (const auto& [name, value] : answer_.fields) {
    out_.append("\r\n").append(name).append(": ").append(value);
  }
  if (!keep_alive_) out_ += "\r\nconnection: close";
  if (directives.until_close || (http10_ && answer_.stream)) {
    framing_ = Framing::until_close;
    keep_alive_ = false;
  } else if (answer_.stream || directives.chunked || directives.trailers) {
    framing_ = Framing::chunked;
    out_ += "\r\ntransfer-encoding: chunked";
    if (directives.trailers) out_ += "\r\ntrailer: x-mock-trailer";
  } else {
    framing_ = Framing::sized;
    if (answer_.status != 204) out_ += "\r\ncontent-length: " + std::to_string(answer_.size);
  }
  out_ += "\r\n\r\n";
  if (bodiless) {
    framing_ = Framing::none;
    answer_.body = std::make_unique<WholeBody>("");
  }
  // The head of a stream goes out before its first event is known.
  if (answer_.stream && !flush()) return;
  play();
}

// Whether the directives break the answer off before its next unit.
bool Connection::breaks_here() {
  const Directives& directives = answer_.directives;
  const auto limit = directives.cut_after ? directives.cut_after : directives.reset_after;
  if (!limit) return false;
  if (answer_.stream) return unit_.empty() && entry_.units >= *limit;
  return entry_.response_bytes >= *limit;
}

void Connection::play() {
  for (int i = 0; i < kMostUnitsInARow; ++i) {
    if (!flush()) return;
    if (ended_body_) return finish();
    if (breaks_here()) {
      if (answer_.directives.reset_after) socket_.reset_on_close();
      end(answer_.directives.reset_after ? "reset" : "cut");
      return drop();
    }
    const Next next = next_unit();
    if (next == Next::later) return;
    if (next == Next::end) continue;
    const bool paced = answer_.directives.interval.count() > 0 && unit_.empty();
    if (!flush()) return;
    if (paced && answer_.stream) {
      return loop_.call_after(socket_.fd(), answer_.directives.interval);
    }
  }
  if (!dropped_) loop_.call_after(socket_.fd(), std::chrono::milliseconds(0));
}

// Puts the next write into out_.
Connection::Next Connection::next_unit() {
  const Directives& directives = answer_.directives;
  bool more = !unit_.empty();
  if (!more) {
    more = answer_.body->next(unit_);
    if (more) ++entry_.units;
    while (more && directives.batch && unit_.size() < kMostBatchBytes &&
           answer_.body->next(unit_)) {
      ++entry_.units;
    }
  }
  if (!more && !lingered_ && directives.linger.count() > 0) {
    lingered_ = true;
    loop_.call_after(socket_.fd(), directives.linger);
    return Next::later;
  }
  if (!more) {
    if (framing_ == Framing::chunked) {
      out_ += directives.trailers ? "0\r\nx-mock-trailer: behind\r\n\r\n" : "0\r\n\r\n";
    }
    ended_body_ = true;
    return Next::end;
  }
  std::size_t take = unit_.size();
  if (directives.dribble > 0) take = std::min<std::size_t>(take, directives.dribble);
  const auto limit = directives.cut_after ? directives.cut_after : directives.reset_after;
  if (!answer_.stream && limit) take = std::min<std::size_t>(take, *limit - entry_.response_bytes);
  frame(std::string_view(unit_).substr(0, take));
  unit_.erase(0, take);
  return Next::unit;
}

void Connection::frame(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  if (framing_ == Framing::chunked) {
    std::array<char, 16> size{};
    std::size_t at = size.size();
    for (std::size_t left = bytes.size(); left > 0; left >>= 4) size[--at] = kDigits[left & 15];
    out_.append(&size[at], size.size() - at).append("\r\n").append(bytes).append("\r\n");
  } else {
    out_.append(bytes);
  }
  entry_.response_bytes += bytes.size();
  if (!provider_.journal.enabled()) return;
  response_hash_->add(bytes);
  support::add_moment(entry_.timeline, entry_.response_bytes);
}

// Writes what waits. False when the socket takes no more now, or the client is gone.
bool Connection::flush() {
  while (out_at_ < out_.size()) {
    const auto [outcome, bytes] = socket_.write(std::string_view(out_).substr(out_at_));
    if (outcome == support::StreamSocket::Outcome::moved) {
      out_at_ += bytes;
      continue;
    }
    if (outcome == support::StreamSocket::Outcome::would_block) {
      watch_writable(true);
      return false;
    }
    if (state_ == State::talking) {
      finish_talking("client_gone");
      return false;
    }
    if (state_ != State::reading) end("client_gone");
    drop();
    return false;
  }
  out_.clear();
  out_at_ = 0;
  watch_writable(false);
  return true;
}

void Connection::finish() {
  end("complete");
  state_ = State::reading;
  if (keep_alive_) return;
  socket_.say_goodbye();
  drop();
}

void Connection::end(std::string_view ending) {
  Counters& counters = provider_.counters;
  --counters.active;
  if (ending == "complete") {
    ++counters.complete;
  } else if (ending == "client_gone") {
    ++counters.client_gone;
  } else {
    ++counters.broken_off;
  }
  entry_.said_all =
      ending == "complete" || (answer_.body && unit_.empty() && !answer_.body->next(unit_));
  unit_.clear();
  answer_.body.reset();
  if (!provider_.journal.enabled()) return;
  entry_.response_sha256 = response_hash_->hex();
  entry_.ending = ending;
  provider_.journal.add(entry_);
}

void Connection::drop() {
  dropped_ = true;
  loop_.drop(socket_.fd());
}

void Connection::watch_writable(bool on) {
  if (on == watching_writable_) return;
  watching_writable_ = on;
  loop_.change(socket_.fd(), on ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

}  // namespace albicilla::mock
