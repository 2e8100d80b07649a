// TLS towards clients: one certificate chain and key, as the files hold them at its start; a reload
// of the proxy starts workers that read them anew. OpenSSL stays behind tls_server.cc.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "common/base/result.h"
#include "proxy/traffic/net_stream.h"

namespace albicilla {

class TlsServer {
 public:
  struct Files {
    std::string certificate;  // PEM, the chain behind the leaf
    std::string key;          // PEM
  };

  static Result<std::unique_ptr<TlsServer>> create(const Files& files);

  // Handshake on an accepted stream, within the stream's deadline.
  Task<NetError> handshake(NetStream& stream);

 private:
  TlsServer();

  boost::asio::ssl::context context_;
};

}  // namespace albicilla
