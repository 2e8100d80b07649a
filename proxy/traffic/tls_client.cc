#include "proxy/traffic/tls_client.h"

#include <arpa/inet.h>

#include <array>
#include <utility>

#include <boost/asio/ssl/host_name_verification.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace albicilla {

namespace ssl = boost::asio::ssl;

namespace {

struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> raw{};
  return inet_pton(AF_INET, host.c_str(), raw.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), raw.data()) == 1;
}

// Places of our own beside each context and connection: Asio keeps its callbacks in "app data".
int context_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int connection_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

struct TlsClient::Sessions {
  std::map<std::string, std::unique_ptr<SSL_SESSION, FreeSession>, std::less<>> by_host;

  // OpenSSL calls this for each ticket; 0 means that the reference stays its own. A copy, because a
  // connection that is dropped without a good-bye spoils its session.
  static int keep(SSL* connection, SSL_SESSION* session) {
    SSL_CTX* context = SSL_get_SSL_CTX(connection);
    auto* self = static_cast<Sessions*>(SSL_CTX_get_ex_data(context, context_index()));
    const char* host = static_cast<const char*>(SSL_get_ex_data(connection, connection_index()));
    if (self == nullptr || host == nullptr) return 0;
    self->by_host[host].reset(SSL_SESSION_dup(session));
    return 0;
  }
};

TlsClient::TlsClient() : context_(ssl::context::tls_client), sessions_(new Sessions) {}
TlsClient::~TlsClient() = default;

Result<std::unique_ptr<TlsClient>> TlsClient::create(const std::string& ca_file) {
  std::unique_ptr<TlsClient> client(new TlsClient);
  SSL_CTX* context = client->context_.native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  NetError error;
  client->context_.set_default_verify_paths(error);
  if (error) return our_error("system certificates: " + error.message());
  if (!ca_file.empty()) {
    client->context_.load_verify_file(ca_file, error);
    if (error) return our_error("upstream-ca " + ca_file + ": " + error.message());
  }
  client->context_.set_verify_mode(ssl::verify_peer, error);
  if (error) return our_error("certificate checking: " + error.message());
  SSL_CTX_set_ex_data(context, context_index(), client->sessions_.get());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &Sessions::keep);
  return client;
}

Task<Status> TlsClient::handshake(NetStream& stream, const std::string& host) {
  TlsStream& tls = stream.start_tls(context_);
  SSL* connection = tls.native_handle();
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str());
  } else {
    SSL_set_tlsext_host_name(connection, host.c_str());
    SSL_set1_host(connection, host.c_str());
  }
  // The map's own key lives as long as we do, so that tickets that come later find their host.
  // Hosts come from the configuration, so the map stays small.
  const auto known = sessions_->by_host.try_emplace(host).first;
  SSL_set_ex_data(connection, connection_index(), const_cast<char*>(known->first.c_str()));
  if (known->second) SSL_set_session(connection, known->second.get());
  NetError error;
  co_await tls.async_handshake(ssl::stream_base::client, into(error));
  if (!error) co_return Status();
  const long verdict = SSL_get_verify_result(connection);
  if (verdict != X509_V_OK) {
    co_return upstream_error(std::string("certificate of ") + host +
                             " refused: " + X509_verify_cert_error_string(verdict));
  }
  co_return upstream_error("TLS handshake with " + host + " failed: " + error.message());
}

}  // namespace albicilla
