#include "proxy/traffic/name_book.h"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace albicilla {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kFresh{30};
constexpr std::chrono::minutes kGood{10};

}  // namespace

Task<Result<Addresses>> NameBook::addresses(const std::string& host, Asker& asker) {
  NetError error;
  const auto literal = asio::ip::make_address(host, error);
  if (!error) co_return Addresses{literal};
  auto& place = entries_[host];
  if (!place) place = std::make_shared<Entry>();
  const std::shared_ptr<Entry> entry = place;
  if (clock_.steady() >= entry->fresh_until) {
    if (!std::exchange(entry->asking, true)) {
      asio::co_spawn(executor_, ask(host, entry), asio::detached);
    }
    const auto waiter = entry->waiting.insert(entry->waiting.end(), &asker.event_);
    while (entry->asking && !asker.cancelled_) co_await asker.event_.wait();
    entry->waiting.erase(waiter);
  }
  if (!entry->addresses.empty() && clock_.steady() < entry->good_until) {
    co_return entry->addresses;
  }
  co_return upstream_error(entry->asking ? "no answer from the name server" : entry->error);
}

Task<void> NameBook::ask(std::string host, std::shared_ptr<Entry> entry) {
  asio::ip::basic_resolver<asio::ip::tcp, LoopExecutor> resolver(executor_);
  NetError error;
  const auto found = co_await resolver.async_resolve(host, "", into(error));
  entry->asking = false;
  if (error) {
    entry->error = error.message();
  } else {
    entry->addresses.clear();
    for (const auto& each : found) entry->addresses.push_back(each.endpoint().address());
    entry->fresh_until = clock_.steady() + kFresh;
    entry->good_until = clock_.steady() + kGood;
  }
  for (LoopEvent* waiting : entry->waiting) waiting->notify();
}

void NameBook::doubt(const std::string& host) {
  const auto found = entries_.find(host);
  if (found != entries_.end()) found->second->fresh_until = {};
}

}  // namespace albicilla
