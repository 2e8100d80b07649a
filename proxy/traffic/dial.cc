#include "proxy/traffic/dial.h"

#include <utility>

namespace albicilla {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kStagger{250};

}  // namespace

Endpoints families_in_turn(const Endpoints& endpoints) {
  if (endpoints.empty()) return {};
  const auto family = endpoints.front().protocol().family();
  Endpoints first;
  Endpoints second;
  for (const auto& each : endpoints) {
    (each.protocol().family() == family ? first : second).push_back(each);
  }
  Endpoints all;
  for (std::size_t i = 0; i < first.size() || i < second.size(); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  return all;
}

Dial::Dial(LoopExecutor executor, Deadlines& deadlines)
    : Deadline(deadlines), executor_(executor), changed_(executor) {}

void Dial::start(const asio::ip::tcp::endpoint& endpoint) {
  next_is_due_ = false;
  expires_after(kStagger);
  Socket& socket = tries_.emplace_back(executor_);
  ++under_way_;
  socket.async_connect(endpoint, [this, &socket](NetError error) { on_tried(socket, error); });
}

void Dial::on_tried(Socket& socket, NetError error) {
  --under_way_;
  if (error) {
    error_ = error;
    next_is_due_ = true;
  } else if (!won_ && !cancelled_) {
    won_ = std::move(socket);
  }
  changed_.notify();
}

void Dial::on_expired() {
  next_is_due_ = true;
  changed_.notify();
}

void Dial::cancel() {
  cancelled_ = true;
  changed_.notify();
}

void Dial::close_tries() {
  NetError ignored;
  for (Socket& each : tries_) each.close(ignored);
}

Task<std::optional<Socket>> Dial::run(const Endpoints& endpoints) {
  auto next = endpoints.begin();
  while (!won_ && !cancelled_ && (next != endpoints.end() || under_way_ > 0)) {
    if (next != endpoints.end() && next_is_due_) {
      start(*next++);
    } else {
      co_await changed_.wait();
    }
  }
  expires_never();
  close_tries();
  // Each handler names this object: all must have been called before it may go.
  while (under_way_ > 0) co_await changed_.wait();
  if (won_) won_->non_blocking(true, error_);
  co_return std::move(won_);
}

}  // namespace albicilla
