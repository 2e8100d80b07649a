#include "sink/store/http_client.h"

#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace albicilla {

namespace {

constexpr std::size_t kSlice = 64 * 1024;
constexpr std::size_t kMostAnswer = 1024 * 1024;

httplib::Headers to_library(const Headers& headers) {
  httplib::Headers out;
  for (const Header& header : headers) out.emplace(header.name, header.value);
  return out;
}

Headers from_library(const httplib::Headers& headers) {
  Headers out;
  for (const auto& [name, value] : headers) out.push_back({name, value});
  return out;
}

// What went wrong below HTTP, in words an operator can act on.
Error transport_error(const std::string& where, httplib::Error error) {
  switch (error) {
    case httplib::Error::SSLServerVerification:
      return our_error(where + ": the server's certificate does not verify");
    case httplib::Error::SSLLoadingCerts:
      return our_error(where + ": the trusted certificates cannot be read");
    case httplib::Error::SSLConnection:
      return our_error(where + ": TLS handshake failed");
    case httplib::Error::Connection:
      return upstream_error(where + ": cannot connect");
    case httplib::Error::ConnectionTimeout:
      return upstream_error(where + ": connect timed out");
    case httplib::Error::Read:
      return upstream_error(where + ": no answer, or it broke off");
    case httplib::Error::Write:
      return upstream_error(where + ": connection lost while sending");
    case httplib::Error::Canceled:
      return upstream_error(where + ": given up, shutting down or the file cannot be read");
    default:
      return upstream_error(where + ": " + httplib::to_string(error));
  }
}

}  // namespace

std::string Endpoint::authority() const {
  const std::uint16_t usual = scheme == "https" ? 443 : 80;
  return port == usual ? host : host + ":" + std::to_string(port);
}

Result<Endpoint> parse_endpoint(std::string_view url) {
  const auto wrong = [&] {
    return client_error("endpoint must be http(s)://host[:port][/path], got '" + std::string(url) +
                        "'");
  };
  Endpoint endpoint;
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return wrong();
  endpoint.scheme = lower_name(url.substr(0, colon));
  if (endpoint.scheme != "http" && endpoint.scheme != "https") return wrong();
  std::string_view rest = url.substr(colon + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  endpoint.base_path = rest.substr(slash);
  while (endpoint.base_path.ends_with('/')) endpoint.base_path.pop_back();
  if (endpoint.base_path.find_first_of("?#") != std::string::npos) return wrong();
  endpoint.port = endpoint.scheme == "https" ? 443 : 80;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t port_colon = authority.rfind(':');
  if (port_colon != std::string_view::npos &&
      (bracket == std::string_view::npos || port_colon > bracket)) {
    const std::string_view port = authority.substr(port_colon + 1);
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc{} || end != port.data() + port.size() || endpoint.port == 0) {
      return wrong();
    }
    authority = authority.substr(0, port_colon);
  }
  if (authority.empty() || authority.find_first_of("@ \t") != std::string_view::npos) {
    return wrong();
  }
  endpoint.host = authority;
  return endpoint;
}

struct HttpClient::State {
  std::string where;  // for messages
  Pacer& pacer;
  httplib::Client client;

  State(const Options& options, Pacer& shared_pacer)
      : where(options.endpoint.scheme + "://" + options.endpoint.authority()),
        pacer(shared_pacer),
        client(options.endpoint.scheme + "://" + options.endpoint.host + ":" +
               std::to_string(options.endpoint.port)) {}
};

HttpClient::HttpClient(Options options, Pacer& pacer)
    : state_(std::make_unique<State>(options, pacer)) {
  httplib::Client& client = state_->client;
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  client.set_url_encode(false);  // targets come encoded, exactly as they were signed
  client.set_follow_location(false);
  client.set_decompress(false);
  client.set_connection_timeout(options.connect_timeout);
  client.set_read_timeout(options.io_timeout);
  client.set_write_timeout(options.io_timeout);
  if (options.endpoint.scheme == "https") {
    client.enable_server_certificate_verification(true);
    if (!options.ca_file.empty()) client.set_ca_cert_path(options.ca_file);
  }
}

HttpClient::~HttpClient() = default;

void HttpClient::interrupt() { state_->client.stop(); }

Result<HttpReply> HttpClient::send(const HttpRequest& request) {
  httplib::Request out;
  out.method = request.method;
  out.path = request.target;
  out.headers = to_library(request.headers);
  if (!out.has_header("User-Agent")) out.set_header("User-Agent", "albicilla-sink");
  if (request.file == nullptr) {
    out.body = request.body;
    if (!state_->pacer.wait_to_send(out.body.size())) {
      return transport_error(state_->where, httplib::Error::Canceled);
    }
  } else {
    out.content_length_ = request.file_size;
    out.content_provider_ = [this, &request](std::size_t offset, std::size_t length,
                                             httplib::DataSink& sink) {
      const std::size_t size = std::min(length, kSlice);
      if (!state_->pacer.wait_to_send(size)) return false;
      const auto bytes = request.file->read(request.file_offset + offset, size);
      return bytes && sink.write(bytes->data(), bytes->size());
    };
  }
  std::string body;
  out.content_receiver = [&body](const char* bytes, std::size_t size, std::uint64_t,
                                 std::uint64_t) {
    if (body.size() + size > kMostAnswer) return false;
    body.append(bytes, size);
    return true;
  };
  const httplib::Result result = state_->client.send(out);
  if (!result) return transport_error(state_->where, result.error());
  return HttpReply{result->status, from_library(result->headers), std::move(body)};
}

}  // namespace albicilla
