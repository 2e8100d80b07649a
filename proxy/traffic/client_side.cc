#include "proxy/traffic/client_side.h"

#include <poll.h>

#include <utility>

namespace albicilla {
namespace {

// Long enough for a half-closed client's quick answer, short enough to save its tokens.
constexpr std::chrono::milliseconds kGrace{500};

bool was_reset(Socket& socket) {
  pollfd asked{socket.native_handle(), 0, 0};
  return ::poll(&asked, 1, 0) == 1 && (asked.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

}  // namespace

ClientPresence::ClientPresence(ClientSide& client, Deadlines& deadlines)
    : Deadline(deadlines), client_(client) {}

void ClientPresence::watch(bool may_half_close, std::function<void()> on_left) {
  may_half_close_ = may_half_close;
  on_left_ = std::move(on_left);
  if (client_.input.ended()) {
    on_input_end();
  } else {
    client_.input.watch([this] { on_input_end(); });
  }
}

void ClientPresence::unwatch() {
  client_.input.unwatch();
  expires_never();
  on_left_ = nullptr;
}

void ClientPresence::left() {
  left_ = true;
  if (on_left_) std::exchange(on_left_, nullptr)();
}

void ClientPresence::on_input_end() {
  if (client_.input.error() || was_reset(client_.stream.socket())) return left();
  writes_at_end_ = writes_;
  if (!may_half_close_) expires_after(kGrace);
}

void ClientPresence::on_expired() {
  if (writes_ == writes_at_end_ || was_reset(client_.stream.socket())) left();
}

}  // namespace albicilla
