// TLS towards upstreams: the system's certificates and, when told, extra ones; the name is always
// checked; sessions are kept, so that a new connection to a known upstream takes one round less.
// OpenSSL stays behind tls_client.cc.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "common/base/result.h"
#include "proxy/traffic/net_stream.h"

namespace albicilla {

class TlsClient {
 public:
  // `ca_file`: extra certificates, PEM; empty for none.
  static Result<std::unique_ptr<TlsClient>> create(const std::string& ca_file);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Handshake on a connected stream, within the stream's deadline. The error says what was wrong
  // with the certificate, when that was it.
  Task<Status> handshake(NetStream& stream, const std::string& host);

 private:
  struct Sessions;  // by host

  TlsClient();

  boost::asio::ssl::context context_;
  std::unique_ptr<Sessions> sessions_;
};

}  // namespace albicilla
