#include "proxy/traffic/upstream_pool.h"

#include <sys/socket.h>

#include <utility>

#include <boost/asio/error.hpp>

namespace albicilla {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string key_of(const Url& url) {
  return url.scheme + "://" + url.host + ":" + std::to_string(url.port);
}

// Nothing to read and not closed: exactly that is what a good idle connection looks like.
bool is_quiet(Socket& socket) {
  char byte = 0;
  const ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

UpstreamPool::UpstreamPool(LoopExecutor executor, Deadlines& deadlines, TlsClient& tls,
                           Limits limits)
    : executor_(executor), deadlines_(deadlines), tls_(tls), limits_(limits) {}

std::unique_ptr<UpstreamLink> UpstreamPool::take_idle(const Url& url, bool probe) {
  const auto found = idle_.find(key_of(url));
  if (found == idle_.end()) return nullptr;
  auto& links = found->second;
  while (!links.empty()) {
    std::unique_ptr<UpstreamLink> link = std::move(links.back());
    links.pop_back();
    if (probe && !is_quiet(link->stream.socket())) continue;
    link->reused = true;
    return link;
  }
  return nullptr;
}

Task<UpstreamPool::Endpoints> UpstreamPool::resolve(const Url& url, LinkFailure& failure) {
  NetError error;
  Endpoints endpoints;
  const auto address = asio::ip::make_address(url.host, error);
  if (!error) {
    endpoints.emplace_back(address, url.port);
    co_return endpoints;
  }
  asio::ip::basic_resolver<tcp, LoopExecutor> resolver(executor_);
  const auto found = co_await resolver.async_resolve(url.host, std::to_string(url.port),
                                                     tcp::resolver::numeric_service, into(error));
  if (error) {
    failure.message = "cannot resolve " + url.host + ": " + error.message();
    co_return endpoints;
  }
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

Task<std::unique_ptr<UpstreamLink>> UpstreamPool::connect(const Url& url, LinkFailure& failure,
                                                          const Announce& announce) {
  const Endpoints endpoints = co_await resolve(url, failure);
  for (const tcp::endpoint& endpoint : endpoints) {
    auto link = std::make_unique<UpstreamLink>(executor_, deadlines_);
    announce(&link->stream);
    link->stream.expires_after(limits_.connect_time);
    const NetError error = co_await link->stream.connect(endpoint);
    const bool late = link->stream.timed_out();
    if (error) {
      announce(nullptr);
      failure.timed_out = late;
      failure.message = "cannot connect to " + host_field(url) + ": " +
                        (late ? std::string("timed out") : error.message());
      if (error == asio::error::operation_aborted && !late) break;
      continue;
    }
    NetError ignored;
    link->stream.socket().set_option(tcp::no_delay(true), ignored);
    if (url.scheme == "https") {
      if (Status shaken = co_await tls_.handshake(link->stream, url.host); !shaken) {
        announce(nullptr);
        failure.timed_out = link->stream.timed_out();
        failure.message = shaken.error().message;
        break;
      }
    }
    link->stream.expires_never();
    announce(nullptr);
    co_return link;
  }
  if (failure.message.empty()) failure.message = "no address for " + url.host;
  co_return nullptr;
}

void UpstreamPool::give_back(const Url& url, std::unique_ptr<UpstreamLink> link) {
  if (!link->stream.is_open() || !link->input.bytes().empty() || link->input.ended()) return;
  auto& links = idle_[key_of(url)];
  if (links.size() >= limits_.idle_links) return;
  link->idle_since = deadlines_.clock().steady();
  link->stream.expires_never();
  link->input.shrink();
  links.push_back(std::move(link));
}

void UpstreamPool::sweep() {
  const SteadyTime oldest = deadlines_.clock().steady() - limits_.idle_time;
  for (auto& [key, links] : idle_) {
    // Oldest first: they were pushed in order of their return.
    std::erase_if(links, [&](const auto& link) { return link->idle_since < oldest; });
  }
}

}  // namespace albicilla
