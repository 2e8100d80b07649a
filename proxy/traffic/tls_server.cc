#include "proxy/traffic/tls_server.h"

#include <string_view>
#include <utility>

#include <openssl/ssl.h>

namespace albicilla {

namespace ssl = boost::asio::ssl;

namespace {

// HTTP/1.1 for whoever asks; a client that wants only something else finds out at once.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  const int result =
      SSL_select_next_proto(&selected, size, kOurs, sizeof(kOurs), offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = selected;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsServer::TlsServer() : context_(ssl::context::tls_server) {}

Result<std::unique_ptr<TlsServer>> TlsServer::create(const Files& files) {
  std::unique_ptr<TlsServer> server(new TlsServer);
  SSL_CTX* context = server->context_.native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Thousands of idle connections need not hold 34 KiB of buffers each.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  static constexpr std::string_view kSessions = "albicilla";
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(kSessions.data()),
                                 kSessions.size());
  NetError error;
  server->context_.use_certificate_chain_file(files.certificate, error);
  if (error) return our_error("tls-cert " + files.certificate + ": " + error.message());
  server->context_.use_private_key_file(files.key, ssl::context::pem, error);
  if (error) return our_error("tls-key " + files.key + ": " + error.message());
  if (SSL_CTX_check_private_key(context) != 1) {
    return our_error("tls-key " + files.key + " does not belong to " + files.certificate);
  }
  return server;
}

Task<NetError> TlsServer::handshake(NetStream& stream) {
  NetError error;
  co_await stream.start_tls(context_).async_handshake(ssl::stream_base::server, into(error));
  co_return error;
}

}  // namespace albicilla
