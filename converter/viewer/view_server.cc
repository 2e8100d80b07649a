#include "converter/viewer/view_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <map>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "common/json/tree.h"
#include "converter/viewer/assets.h"

namespace albicilla::viewer {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kThreads = 24;
constexpr int kMostLive = 8;  // each holds a thread
constexpr std::size_t kMostPath = 512;
constexpr std::size_t kMostBody = 64 * 1024;
constexpr milliseconds kLiveBeat{5000};
constexpr const char* kCookie = "albicilla_view";

// Nothing from elsewhere, no inline code, no way from a string to code (trusted types).
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

std::string cookie_of(const httplib::Request& request) {
  const std::string header = request.get_header_value("Cookie");
  const std::string wanted = std::string(kCookie) + "=";
  for (std::size_t at = 0; at < header.size();) {
    std::size_t end = header.find(';', at);
    if (end == std::string::npos) end = header.size();
    while (at < end && header[at] == ' ') ++at;
    if (header.compare(at, wanted.size(), wanted) == 0) {
      return header.substr(at + wanted.size(), end - at - wanted.size());
    }
    at = end + 1;
  }
  return {};
}

std::string bearer_of(const httplib::Request& request) {
  const std::string header = request.get_header_value("Authorization");
  return header.starts_with("Bearer ") ? header.substr(7) : std::string();
}

// Always with a provider: the library would compress a plain body with brotli at its slowest.
void send(httplib::Response& response, std::shared_ptr<const std::string> body,
          const std::string& type) {
  if (body->empty()) {
    response.set_content("", type);
    return;
  }
  response.set_content_provider(
      body->size(), type, [body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(body->data() + offset, length);
      });
}

void send_file(httplib::Response& response, const ApiAnswer& answer) {
  auto file = std::make_shared<std::ifstream>(answer.file, std::ios::binary | std::ios::ate);
  const std::streamoff size = *file ? std::streamoff{file->tellg()} : -1;
  if (size < 0) {
    response.status = 404;
    return;
  }
  if (size == 0) {
    response.set_content("", answer.type);
    return;
  }
  response.set_content_provider(
      static_cast<std::size_t>(size), answer.type,
      [file](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        std::vector<char> piece(std::min<std::size_t>(length, 256 * 1024));
        file->seekg(static_cast<std::streamoff>(offset));
        file->read(piece.data(), static_cast<std::streamsize>(piece.size()));
        return file->gcount() > 0 &&
               sink.write(piece.data(), static_cast<std::size_t>(file->gcount()));
      });
}

}  // namespace

class ViewServer::Edge {
 public:
  Edge(ServerOptions options, Access& access, const Api& api, LiveFeed& feed)
      : options_(std::move(options)), access_(access), api_(api), feed_(feed) {
    for (const Asset& asset : assets()) {
      etags_[std::string(asset.path)] = '"' + hex_prefix(sha256(asset.bytes), 32) + '"';
    }
    configure();
  }

  Status bind() {
    port_ = options_.port;
    bool bound = true;
    if (port_ == 0) {
      port_ = server_.bind_to_any_port(options_.host.c_str());
      bound = port_ > 0;
    } else {
      bound = server_.bind_to_port(options_.host.c_str(), port_);
    }
    if (!bound) {
      return our_error("cannot listen on " + options_.host + ":" + std::to_string(options_.port));
    }
    // The library's own backlog is five connections.
    ::listen(socket_, 128);
    return {};
  }

  int port() const { return port_; }
  Status run() {
    return server_.listen_after_bind() ? Status() : Status(our_error("the server has failed"));
  }
  void stop() {
    feed_.close();
    server_.stop();
  }

 private:
  using Handled = httplib::Server::HandlerResponse;

  void configure() {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_socket_options([this](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      socket_ = socket;
    });
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_max_count(200);
    server_.set_keep_alive_timeout(5);
    server_.set_read_timeout(10, 0);
    server_.set_write_timeout(30, 0);
    server_.set_payload_max_length(kMostBody);
    server_.set_default_headers({{"Content-Security-Policy", kPolicy},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"X-Frame-Options", "DENY"},
                                 {"Referrer-Policy", "no-referrer"},
                                 {"Cross-Origin-Opener-Policy", "same-origin"},
                                 {"Cross-Origin-Resource-Policy", "same-origin"}});
    server_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          return check(request, response) ? Handled::Unhandled : Handled::Handled;
        });
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      this->answer(request, response);
    };
    server_.Get(".*", answer);
    server_.Post(".*", answer);
    server_.set_logger([](const httplib::Request& request, const httplib::Response& response) {
      // Whatever ended before it came to us: it could not be read as a request.
      if (response.has_header("X-Albicilla-View")) return;
      log_info(
          "view request",
          {{"peer", request.remote_addr}, {"status", response.status}, {"refused", "malformed"}});
    });
    server_.set_exception_handler([](const httplib::Request&, httplib::Response& response,
                                     const std::exception_ptr&) { response.status = 500; });
  }

  // False when the request was answered already, with a refusal.
  bool check(const httplib::Request& request, httplib::Response& response) {
    const std::string host = request.get_header_value("Host");
    const bool wants_body = request.method == "POST";
    const bool has_body =
        request.has_header("Content-Length") && request.get_header_value("Content-Length") != "0";
    if (request.method != "GET" && request.method != "HEAD" && request.method != "POST") {
      refuse(request, response, 405, "method not allowed");
    } else if (request.has_header("Transfer-Encoding") || (has_body && !wants_body)) {
      // What stands behind such a request would be taken for another one.
      response.set_header("Connection", "close");
      refuse(request, response, 400, "this request has no body");
    } else if (request.path.size() > kMostPath) {
      refuse(request, response, 414, "path too long");
    } else if (request.get_header_value_count("Host") != 1 ||
               !is_allowed_host(host, options_.allowed_hosts)) {
      refuse(request, response, 421, "this host name is not served here");
    } else if (!is_own_origin(request.get_header_value("Origin"), host) || is_cross_site(request)) {
      refuse(request, response, 403, "requests of other sites are not answered");
    } else {
      return true;
    }
    return false;
  }

  // Browsers say so; navigation from elsewhere may only fetch the page itself.
  static bool is_cross_site(const httplib::Request& request) {
    const std::string site = request.get_header_value("Sec-Fetch-Site");
    if (site.empty() || site == "same-origin" || site == "none") return false;
    return request.path.starts_with("/api/");
  }

  void refuse(const httplib::Request& request, httplib::Response& response, int status,
              std::string_view message) {
    const ApiAnswer answer = api_error(status, message);
    response.status = status;
    send(response, std::make_shared<const std::string>(answer.body), answer.type);
    log_access(request, response, "-", answer.body.size(), Clock::now());
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const Clock::time_point begin = Clock::now();
    if (!request.path.starts_with("/api/")) {
      const std::size_t bytes = answer_asset(request, response);
      log_access(request, response, "-", bytes, begin);
      return;
    }
    response.set_header("Cache-Control", "no-store");
    if (request.path == "/api/login") {
      log_in(request, response, begin);
      return;
    }
    const std::string bearer = bearer_of(request);
    const Access::Try one{request.remote_addr, begin};
    if (!bearer.empty() && !access_.may_try(one)) return refuse_guesses(request, response);
    const auto user = access_.identify(bearer, cookie_of(request), one);
    if (!user) {
      refuse(request, response, 401, "a token is needed");
    } else if (request.path == "/api/logout" && request.method == "POST") {
      access_.log_out(cookie_of(request));
      response.status = 204;
      log_access(request, response, user->name, 0, begin);
    } else if (request.path == "/api/live") {
      answer_live(request, response, *user, begin);
    } else {
      answer_api(request, response, *user, begin);
    }
  }

  void answer_api(const httplib::Request& request, httplib::Response& response, const User& user,
                  Clock::time_point begin) {
    ApiRequest asked;
    asked.method = request.method == "HEAD" ? "GET" : request.method;
    asked.path = request.path;
    asked.user = user;
    asked.parameter = [&](std::string_view name) {
      return request.get_param_value(std::string(name).c_str());
    };
    ApiAnswer answer = api_.answer(asked);
    response.status = answer.status;
    if (!answer.download_name.empty()) {
      response.set_header("Content-Disposition",
                          "attachment; filename=\"" + safe_name(answer.download_name) + '"');
    }
    const std::size_t bytes = answer.body.size();
    if (answer.file.empty()) {
      send(response, std::make_shared<const std::string>(std::move(answer.body)), answer.type);
    } else {
      send_file(response, answer);
    }
    log_access(request, response, user.name, bytes, begin);
  }

  static std::string safe_name(const std::string& name) {
    std::string safe;
    for (const char c : name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
      safe += plain ? c : '_';
    }
    return safe;
  }

  // The views are one page: whatever is no file and has no dot is a place in it.
  std::size_t answer_asset(const httplib::Request& request, httplib::Response& response) {
    const Asset* asset = find_asset(request.path);
    if (asset == nullptr && request.path.find('.') == std::string::npos) {
      asset = find_asset("/index.html");
    }
    if (asset == nullptr || request.method == "POST") {
      response.status = asset == nullptr ? 404 : 405;
      return 0;
    }
    const std::string& etag = etags_[std::string(asset->path)];
    response.set_header("ETag", etag);
    response.set_header("Cache-Control", "no-cache");
    if (request.get_header_value("If-None-Match") == etag) {
      response.status = 304;
      return 0;
    }
    const std::string_view bytes = asset->bytes;
    response.set_content_provider(
        bytes.size(), std::string(asset->type),
        [bytes](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
          return sink.write(bytes.data() + offset, length);
        });
    return bytes.size();
  }

  void refuse_guesses(const httplib::Request& request, httplib::Response& response) {
    response.set_header("Retry-After", "5");
    refuse(request, response, 429, "too many wrong tokens, wait a moment");
  }

  void log_in(const httplib::Request& request, httplib::Response& response,
              Clock::time_point begin) {
    if (request.method != "POST") return refuse(request, response, 405, "log in by POST");
    const Access::Try one{request.remote_addr, begin};
    if (!access_.may_try(one)) return refuse_guesses(request, response);
    const auto body = parse_json(request.body);
    const std::string token(body ? body->at("token").text() : std::string_view());
    const auto cookie = access_.log_in(token, one);
    if (!cookie) return refuse(request, response, 401, "wrong token");
    response.set_header("Set-Cookie", std::string(kCookie) + "=" + *cookie +
                                          "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200");
    response.status = 204;
    log_access(request, response, "-", 0, begin);
  }

  void answer_live(const httplib::Request& request, httplib::Response& response, const User& user,
                   Clock::time_point begin) {
    if (request.method == "HEAD" || live_.fetch_add(1) >= kMostLive) {
      if (request.method != "HEAD") --live_;
      return refuse(request, response, 503, "too many live views are open");
    }
    std::uint64_t after = feed_.newest();
    const std::string last = request.get_header_value("Last-Event-ID");
    if (!last.empty()) after = std::strtoull(last.c_str(), nullptr, 10);
    response.set_header("X-Accel-Buffering", "no");
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, after, greeted = false](std::size_t, httplib::DataSink& sink) mutable {
          if (!greeted) {
            greeted = true;
            const std::string hello = "retry: 1000\nevent: hello\ndata: {}\n\n";
            return sink.write(hello.data(), hello.size());
          }
          return write_news(after, sink);
        },
        [this](bool) { --live_; });
    log_access(request, response, user.name, 0, begin);
  }

  bool write_news(std::uint64_t& after, httplib::DataSink& sink) {
    const LiveFeed::News news = feed_.wait(after, kLiveBeat);
    if (news.closed) {
      sink.done();
      return true;
    }
    std::string text;
    if (news.missed > 0) {
      text += "event: missed\ndata: " + std::to_string(news.missed) + "\n\n";
    }
    for (const auto& item : news.items) {
      text += "id: " + std::to_string(item->number) + "\ndata: " + item->json + "\n\n";
      after = item->number;
    }
    if (text.empty()) text = ": still here\n\n";
    return sink.write(text.data(), text.size());
  }

  void log_access(const httplib::Request& request, httplib::Response& response,
                  std::string_view user, std::size_t bytes, Clock::time_point begin) {
    response.set_header("X-Albicilla-View", "1");
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begin).count();
    log_info("view request", {{"peer", request.remote_addr},
                              {"user", user},
                              {"method", request.method},
                              {"target", request.target.substr(0, 600)},
                              {"status", response.status == -1 ? 200 : response.status},
                              {"bytes", bytes},
                              {"ms", took}});
  }

  ServerOptions options_;
  Access& access_;
  const Api& api_;
  LiveFeed& feed_;
  httplib::Server server_;
  socket_t socket_ = INVALID_SOCKET;
  int port_ = 0;
  std::atomic<int> live_ = 0;
  std::map<std::string, std::string> etags_;
};

ViewServer::ViewServer(ServerOptions options, Access& access, const Api& api, LiveFeed& feed)
    : edge_(std::make_unique<Edge>(std::move(options), access, api, feed)) {}

ViewServer::~ViewServer() = default;

Status ViewServer::bind() { return edge_->bind(); }
int ViewServer::port() const { return edge_->port(); }
Status ViewServer::run() { return edge_->run(); }
void ViewServer::stop() { edge_->stop(); }

}  // namespace albicilla::viewer
