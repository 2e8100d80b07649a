#include "proxy/traffic/upstream_pool.h"

#include <sys/socket.h>

#include <utility>

namespace albicilla {

using boost::asio::ip::tcp;

namespace {

std::tuple<std::string_view, std::string_view, std::uint16_t> origin_of(const Url& url) {
  return {url.scheme, url.host, url.port};
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
    : executor_(executor),
      deadlines_(deadlines),
      tls_(tls),
      names_(executor, deadlines.clock()),
      late_reads_(executor),
      limits_(limits) {}

std::unique_ptr<UpstreamLink> UpstreamPool::take_idle(const Url& url, bool probe) {
  const auto found = idle_.find(origin_of(url));
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

void Connecting::begin(std::chrono::milliseconds most) {
  if (!cancelled_) expires_after(most);
}

void Connecting::end() {
  stop_ = nullptr;
  expires_never();
}

void Connecting::cancel() {
  cancelled_ = true;
  if (stop_) stop_();
}

Task<Endpoints> UpstreamPool::resolve(const Url& url, Connecting& attempt, std::string& problem) {
  NameBook::Asker asker(executor_);
  attempt.phase([&asker] { asker.cancel(); });
  const auto addresses = co_await names_.addresses(url.host, asker);
  attempt.phase(nullptr);
  Endpoints endpoints;
  if (!addresses) {
    problem = "cannot resolve " + url.host + ": " + addresses.error().message;
    co_return endpoints;
  }
  for (const auto& address : *addresses) endpoints.emplace_back(address, url.port);
  co_return families_in_turn(endpoints);
}

Task<std::unique_ptr<UpstreamLink>> UpstreamPool::make_link(const Url& url, Connecting& attempt,
                                                            std::string& problem) {
  const Endpoints endpoints = co_await resolve(url, attempt, problem);
  if (endpoints.empty() || attempt.cancelled()) co_return nullptr;
  Dial dial(executor_, deadlines_);
  attempt.phase([&dial] { dial.cancel(); });
  std::optional<Socket> socket = co_await dial.run(endpoints);
  attempt.phase(nullptr);
  if (!socket) {
    names_.doubt(url.host);
    const bool late = attempt.timed_out() || !dial.error();
    problem = "cannot connect to " + host_field(url) + ": " +
              (late ? std::string("timed out") : dial.error().message());
    co_return nullptr;
  }
  NetError ignored;
  socket->set_option(tcp::no_delay(true), ignored);
  auto link = std::make_unique<UpstreamLink>(*std::move(socket), executor_, deadlines_);
  if (url.scheme != "https" || attempt.cancelled()) co_return link;
  attempt.phase([stream = &link->stream] { stream->cancel(); });
  const Status shaken = co_await tls_.handshake(link->stream, url.host);
  attempt.phase(nullptr);
  if (shaken) co_return link;
  problem = attempt.timed_out() ? "TLS handshake with " + url.host + " failed: timed out"
                                : shaken.error().message;
  co_return nullptr;
}

Task<std::unique_ptr<UpstreamLink>> UpstreamPool::connect(const Url& url, Connecting& attempt,
                                                          LinkFailure& failure) {
  attempt.begin(limits_.connect_time);
  auto link = co_await make_link(url, attempt, failure.message);
  attempt.end();
  if (attempt.cancelled()) link = nullptr;
  if (link) co_return link;
  failure.timed_out = attempt.timed_out();
  if (failure.message.empty()) failure.message = "no connection to " + host_field(url);
  co_return nullptr;
}

void UpstreamPool::give_back(const Url& url, std::unique_ptr<UpstreamLink> link) {
  if (!link->stream.is_open() || !link->input.bytes().empty() || link->input.ended()) return;
  auto at = idle_.find(origin_of(url));
  if (at == idle_.end()) at = idle_.try_emplace(Origin(url.scheme, url.host, url.port)).first;
  auto& links = at->second;
  if (links.size() >= limits_.idle_links) return;
  link->idle_since = deadlines_.clock().steady();
  link->stream.expires_never();
  link->input.shrink();
  links.push_back(std::move(link));
}

void UpstreamPool::sweep() {
  const SteadyTime oldest = deadlines_.clock().steady() - limits_.idle_time;
  for (auto& [origin, links] : idle_) {
    // Oldest first: they were pushed in order of their return.
    std::erase_if(links, [&](const auto& link) { return link->idle_since < oldest; });
  }
}

}  // namespace albicilla
