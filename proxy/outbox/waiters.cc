#include "proxy/outbox/waiters.h"

#include <algorithm>

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace albicilla {

template <class Handler>
class Waiters::HandlerWaiter final : public Waiter {
 public:
  explicit HandlerWaiter(Handler handler) : handler_(std::move(handler)) {}
  void go_on(Status status) override { handler_(std::move(status)); }

 private:
  Handler handler_;
};

Task<Status> Waiters::wait(SpoolPosition position) {
  constexpr boost::asio::use_awaitable_t<LoopExecutor> token;
  auto begin = [this, position](auto handler) {
    add(position, std::make_unique<HandlerWaiter<decltype(handler)>>(std::move(handler)));
  };
  co_return co_await boost::asio::async_initiate<decltype(token), void(Status)>(std::move(begin),
                                                                                token);
}

void Waiters::add(SpoolPosition position, std::unique_ptr<Waiter> waiter) {
  heap_.push_back({position, std::move(waiter)});
  std::push_heap(heap_.begin(), heap_.end());
}

void Waiters::resume(SpoolPosition through) {
  while (!heap_.empty() && lowest() <= through) {
    std::pop_heap(heap_.begin(), heap_.end());
    const auto waiter = std::move(heap_.back().waiter);
    heap_.pop_back();
    waiter->go_on({});
  }
}

void Waiters::fail(const Error& error) {
  for (const Waiting& waiting : std::exchange(heap_, {})) waiting.waiter->go_on(error);
}

}  // namespace albicilla
