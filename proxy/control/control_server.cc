#include "proxy/control/control_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <string_view>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>

#include "common/base/version.h"
#include "proxy/control/metrics.h"

namespace albicilla {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kJsonType = "application/json";

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void answer(httplib::Response& response, const Json& body, int status = 200) {
  response.status = status;
  response.set_content(body.dump(), kJsonType);
}

// Loopback, or a Unix socket of ours.
bool is_local(const std::string& peer) {
  return peer == "::1" || peer == "unix" || peer.starts_with("127.");
}

}  // namespace

struct ControlServer::Server {
  explicit Server(Sources s) : sources(std::move(s)) {}

  void route();
  void guard();
  void answer_ready(httplib::Response& response) const;
  void answer_metrics(const httplib::Request& request, httplib::Response& response) const;

  Sources sources;
  httplib::Server http;
  int listening_fd = -1;
  std::uint16_t port = 0;
  std::thread thread;
};

void ControlServer::Server::guard() {
  http.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        if (same_secret(request.get_header_value("x-albicilla-control"), sources.token)) {
          return httplib::Server::HandlerResponse::Unhandled;
        }
        response.status = 404;
        return httplib::Server::HandlerResponse::Handled;
      });
  // What the workers send here and nothing answers: a wrong method or an unknown key path.
  http.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (!response.body.empty()) return;
    response.set_content(Json{{"error",
                               {{"message", "no such endpoint"},
                                {"type", "invalid_request_error"},
                                {"code", "not_found"}}}}
                             .dump(),
                         kJsonType);
  });
}

void ControlServer::Server::answer_ready(httplib::Response& response) const {
  const CounterSums sums = sources.counters();
  const bool reached = sums.of(Gauge::sink_reached) > 0;
  const bool room = sums.of(Gauge::spool_above_mark) == 0;
  const bool draining = sources.draining();
  const bool ready = reached && room && !draining;
  answer(response,
         {{"ready", ready},
          {"sink_reached", reached},
          {"spool_has_room", room},
          {"draining", draining}},
         ready ? 200 : 503);
}

void ControlServer::Server::answer_metrics(const httplib::Request& request,
                                           httplib::Response& response) const {
  if (!is_local(request.get_header_value("x-albicilla-peer"))) {
    answer(response,
           {{"error", {{"message", "metrics are for local peers"}, {"code", "forbidden"}}}}, 403);
    return;
  }
  const CounterSums sums = sources.counters();
  if (request.get_header_value("accept").find(kJsonType) != std::string::npos) {
    response.set_content(metrics_json(sums), kJsonType);
  } else {
    response.set_content(metrics_text(sums), "text/plain; version=0.0.4; charset=utf-8");
  }
}

void ControlServer::Server::route() {
  http.Get("/", [this](const httplib::Request&, httplib::Response& response) {
    answer(response, {{"service", "albicilla"},
                      {"version", kVersion},
                      {"upstream", sources.upstream},
                      {"endpoints", {"/health", "/healthz", "/readyz", "/metrics"}}});
  });
  http.Get("/health", [this](const httplib::Request&, httplib::Response& response) {
    answer(response,
           {{"status", "healthy"}, {"service", "albicilla"}, {"upstream", sources.upstream}});
  });
  http.Get("/healthz", [this](const httplib::Request&, httplib::Response& response) {
    answer(response, {{"ok", true}, {"upstream", sources.upstream}});
  });
  http.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
    answer_ready(response);
  });
  http.Get("/metrics", [this](const httplib::Request& request, httplib::Response& response) {
    answer_metrics(request, response);
  });
}

ControlServer::ControlServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}

Result<std::unique_ptr<ControlServer>> ControlServer::start(Sources sources) {
  auto server = std::make_unique<Server>(std::move(sources));
  server->guard();
  server->route();
  server->http.new_task_queue = [] { return new httplib::ThreadPool(4); };
  server->http.set_tcp_nodelay(true);
  server->http.set_socket_options([raw = server.get()](int fd) { raw->listening_fd = fd; });
  const int port = server->http.bind_to_any_port("127.0.0.1");
  if (port <= 0) return our_error("control server: cannot bind on 127.0.0.1");
  ::listen(server->listening_fd, 256);  // the library's own backlog is 5
  server->port = static_cast<std::uint16_t>(port);
  server->thread = std::thread([raw = server.get()] { raw->http.listen_after_bind(); });
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(server)));
}

ControlServer::~ControlServer() {
  server_->http.stop();
  server_->thread.join();
}

std::uint16_t ControlServer::port() const { return server_->port; }

}  // namespace albicilla
