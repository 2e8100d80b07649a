#include "tests/support/stream_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <iostream>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace albicilla::support {
namespace {

SSL* as_ssl(void* ssl) { return static_cast<SSL*>(ssl); }
SSL_CTX* as_context(void* context) { return static_cast<SSL_CTX*>(context); }

StreamSocket::Moved from_system_call(ssize_t result) {
  if (result > 0) return {StreamSocket::Outcome::moved, static_cast<std::size_t>(result)};
  const bool later = result < 0 && (errno == EAGAIN || errno == EINTR);
  return {later ? StreamSocket::Outcome::would_block : StreamSocket::Outcome::closed};
}

StreamSocket::Moved from_ssl_call(SSL* ssl, int result) {
  if (result > 0) return {StreamSocket::Outcome::moved, static_cast<std::size_t>(result)};
  const int error = SSL_get_error(ssl, result);
  ERR_clear_error();
  const bool later = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  return {later ? StreamSocket::Outcome::would_block : StreamSocket::Outcome::closed};
}

int ssl_size(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::size_t{INT_MAX}));
}

}  // namespace

std::unique_ptr<TlsIdentity> TlsIdentity::load(const std::string& certificate,
                                               const std::string& key) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity(context));
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    std::cerr << "mock-provider: cannot use certificate " << certificate << " with its key\n";
    return nullptr;
  }
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return identity;
}

TlsIdentity::~TlsIdentity() { SSL_CTX_free(as_context(context_)); }

StreamSocket::StreamSocket(int fd, const TlsIdentity* identity) : fd_(fd) {
  if (identity == nullptr) return;
  SSL* ssl = SSL_new(as_context(identity->context()));
  SSL_set_fd(ssl, fd);
  SSL_set_accept_state(ssl);
  ssl_ = ssl;
}

StreamSocket::~StreamSocket() {
  if (ssl_ != nullptr) SSL_free(as_ssl(ssl_));
  if (reset_) {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  close(fd_);
}

void StreamSocket::say_goodbye() {
  if (ssl_ != nullptr) SSL_shutdown(as_ssl(ssl_));
}

void StreamSocket::reset_on_close() { reset_ = true; }

StreamSocket::Moved StreamSocket::read(char* to, std::size_t size) {
  if (ssl_ != nullptr)
    return from_ssl_call(as_ssl(ssl_), SSL_read(as_ssl(ssl_), to, ssl_size(size)));
  return from_system_call(recv(fd_, to, size, 0));
}

StreamSocket::Moved StreamSocket::write(std::string_view bytes) {
  if (ssl_ != nullptr) {
    return from_ssl_call(as_ssl(ssl_),
                         SSL_write(as_ssl(ssl_), bytes.data(), ssl_size(bytes.size())));
  }
  return from_system_call(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

}  // namespace albicilla::support
