// The small vocabulary of a worker's one event loop: how a coroutine awaits, and an event that one
// part of the loop gives and another waits for. Nothing here is thread safe: it all belongs to the
// loop.
#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "proxy/outbox/exchange_log.h"

namespace albicilla {

using NetError = boost::system::error_code;

inline constexpr boost::asio::use_awaitable_t<LoopExecutor> kUseTask{};

// co_await socket.async_x(..., into(error)): errors come as values.
inline auto into(NetError& error) { return boost::asio::redirect_error(kUseTask, error); }

// Notified once, waited for once, in either order; ready for the next round after that. At most one
// coroutine waits at a time.
class LoopEvent {
 public:
  explicit LoopEvent(LoopExecutor executor) : executor_(executor) {}

  Task<void> wait() {
    if (!notified_) {
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<LoopExecutor>,
                                           void()>(
          [this](auto handler) {
            waiter_ = std::make_unique<Waiting<decltype(handler)>>(std::move(handler));
          },
          kUseTask);
    }
    notified_ = false;
  }

  // The waiting coroutine goes on in a later round of the loop.
  void notify() {
    notified_ = true;
    if (!waiter_) return;
    boost::asio::post(executor_, [waiter = std::move(waiter_)] { waiter->resume(); });
  }

  // The waiting coroutine goes on inside this call, which saves a round. Only as the last act of a
  // handler that the loop itself called: whoever is resumed may end the caller's life.
  void resume() {
    notified_ = true;
    if (const auto waiter = std::move(waiter_)) waiter->resume();
  }

 private:
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void resume() = 0;
  };
  template <class Handler>
  struct Waiting final : Waiter {
    explicit Waiting(Handler h) : handler(std::move(h)) {}
    void resume() override { std::move(handler)(); }
    Handler handler;
  };

  LoopExecutor executor_;
  std::unique_ptr<Waiter> waiter_;
  bool notified_ = false;
};

}  // namespace albicilla
