#include "proxy/control/control_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <thread>
#include <utility>

#include <openssl/crypto.h>

namespace albicilla {
namespace {

// Enough for a burst of key changes, each of which waits for the keys file's lock.
constexpr std::size_t kThreads = 8;
constexpr std::size_t kMostBodyBytes = std::size_t{1} << 20;

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

ControlRequest request_of(const httplib::Request& from) {
  return {from.get_header_value("x-albicilla-peer"), from.get_header_value("x-admin-token"),
          from.get_header_value("authorization"), from.get_header_value("accept"), from.body};
}

void give(httplib::Response& into, const ControlReply& reply) {
  into.status = reply.status;
  if (!reply.body.empty()) into.set_content(reply.body, reply.type);
}

}  // namespace

struct ControlServer::Server {
  Server(ControlSources s, std::string t) : sources(std::move(s)), token(std::move(t)) {}

  void guard();
  void route();
  void route_keys();

  // An endpoint that needs no request, and one that does.
  using Plain = ControlReply (*)(const ControlSources&);
  using Asked = ControlReply (*)(const ControlSources&, const ControlRequest&);
  auto handler(Plain endpoint) {
    return [this, endpoint](const httplib::Request&, httplib::Response& response) {
      give(response, endpoint(sources));
    };
  }
  auto handler(Asked endpoint) {
    return [this, endpoint](const httplib::Request& request, httplib::Response& response) {
      give(response, endpoint(sources, request_of(request)));
    };
  }

  ControlSources sources;
  std::string token;
  httplib::Server http;
  int listening_fd = -1;
  std::uint16_t port = 0;
  std::thread thread;
};

void ControlServer::Server::guard() {
  http.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        if (same_secret(request.get_header_value("x-albicilla-control"), token)) {
          return httplib::Server::HandlerResponse::Unhandled;
        }
        response.status = 404;
        return httplib::Server::HandlerResponse::Handled;
      });
  // What the workers send here and nothing answers: a wrong method or an unknown key path.
  http.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (!response.body.empty()) return;
    const int status = response.status;
    give(response, no_endpoint_reply());
    response.status = status;
  });
}

void ControlServer::Server::route() {
  http.Get("/", handler(service_reply));
  http.Get("/health", handler(health_reply));
  http.Get("/healthz", handler(healthz_reply));
  http.Get("/readyz", handler(ready_reply));
  http.Get("/metrics", handler(metrics_reply));
  http.Get("/config", handler(config_reply));
  http.Post("/sessions", handler(sessions_reply));
  route_keys();
}

void ControlServer::Server::route_keys() {
  http.Post("/admin/keys/upsert", handler(upsert_key_reply));
  http.Get("/admin/keys", handler(list_keys_reply));
  http.Delete(
      R"(/admin/keys/(.+))", [this](const httplib::Request& request, httplib::Response& response) {
        give(response, remove_key_reply(sources, request_of(request), request.matches[1].str()));
      });
}

ControlServer::ControlServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}

Result<std::unique_ptr<ControlServer>> ControlServer::start(ControlSources sources,
                                                            std::string token) {
  auto server = std::make_unique<Server>(std::move(sources), std::move(token));
  server->guard();
  server->route();
  server->http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server->http.set_tcp_nodelay(true);
  server->http.set_payload_max_length(kMostBodyBytes);
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
