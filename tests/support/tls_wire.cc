#include "tests/support/tls_wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace albicilla::support {
namespace {

// OpenSSL writes without MSG_NOSIGNAL: a peer that has gone must be an error, not a signal.
[[maybe_unused]] const auto kNoSignal = ::signal(SIGPIPE, SIG_IGN);

constexpr int kDay = 24 * 3600;
constexpr timeval kPatienceOfSockets{10, 0};

template <class T, void (*Free)(T*)>
struct Freeing {
  void operator()(T* what) const { Free(what); }
};
using Context = std::unique_ptr<SSL_CTX, Freeing<SSL_CTX, SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freeing<SSL, SSL_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY, EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freeing<X509, X509_free>>;

void add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

template <class Write>
void write_pem(const std::filesystem::path& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr || write(file) != 1)
    throw std::runtime_error("cannot write " + path.string());
  std::fclose(file);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Certificate make_certificate(const std::filesystem::path& directory, long serial, int days) {
  const Key key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), static_cast<long>(days) * kDay);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* common = reinterpret_cast<const unsigned char*>("localhost");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  add_extension(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const Certificate files{directory / "cert.pem", directory / "key.pem"};
  write_pem(files.certificate,
            [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
  write_pem(files.key, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

struct TlsWireClient::State {
  Context context;
  Connection connection;
  int fd = -1;
  bool connected = false;
};

TlsWireClient::TlsWireClient(std::uint16_t port, const Certificate& trusted)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_load_verify_locations(state.context.get(), trusted.certificate.c_str(), nullptr);
  SSL_CTX_set_verify(state.context.get(), SSL_VERIFY_PEER, nullptr);
  state.connection.reset(SSL_new(state.context.get()));
  state.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(state.fd, SOL_SOCKET, SO_RCVTIMEO, &kPatienceOfSockets, sizeof(timeval));
  const sockaddr_in address = loopback(port);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(state.fd, generic, sizeof(address)) != 0) return;
  SSL_set_fd(state.connection.get(), state.fd);
  SSL_set1_host(state.connection.get(), "localhost");
  constexpr std::array<unsigned char, 12> kProtocols{2,   'h', '2', 8,   'h', 't',
                                                     't', 'p', '/', '1', '.', '1'};
  SSL_set_alpn_protos(state.connection.get(), kProtocols.data(), kProtocols.size());
  state.connected = SSL_connect(state.connection.get()) == 1;
}

TlsWireClient::~TlsWireClient() { ::close(state_->fd); }

bool TlsWireClient::connected() const { return state_->connected; }

long TlsWireClient::server_serial() const {
  const X509Ptr certificate(SSL_get1_peer_certificate(state_->connection.get()));
  return certificate ? ASN1_INTEGER_get(X509_get0_serialNumber(certificate.get())) : -1;
}

std::string TlsWireClient::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(state_->connection.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

void TlsWireClient::send(std::string_view bytes) {
  SSL_write(state_->connection.get(), bytes.data(), static_cast<int>(bytes.size()));
}

std::string TlsWireClient::read_all() {
  std::string all;
  std::array<char, 16384> block{};
  for (int got = 0; (got = SSL_read(state_->connection.get(), block.data(),
                                    static_cast<int>(block.size()))) > 0;) {
    all.append(block.data(), static_cast<std::size_t>(got));
  }
  return all;
}

bool TlsWireClient::ended_cleanly() const {
  return (SSL_get_shutdown(state_->connection.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

struct TlsWireServer::Context {
  support::Context context;
};

TlsWireServer::TlsWireServer(const Certificate& certificate, std::string answer)
    : context_(std::make_unique<Context>()), answer_(std::move(answer)) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  context_->context.reset(context);
  SSL_CTX_use_certificate_file(context, certificate.certificate.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context, certificate.key.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("test"), 4);
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  address.sin_addr.s_addr = htonl(INADDR_ANY);  // 127.0.0.2 has no name in the certificate
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ::bind(listening_, generic, size);
  ::listen(listening_, 64);
  ::getsockname(listening_, generic, &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TlsWireServer::~TlsWireServer() {
  stopping_ = true;
  thread_.join();
  ::close(listening_);
}

void TlsWireServer::serve() {
  while (!stopping_) {
    pollfd asked{listening_, POLLIN, 0};
    if (::poll(&asked, 1, 50) <= 0) continue;
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatienceOfSockets, sizeof(timeval));
    serve_one(fd);
    ::close(fd);
  }
}

void TlsWireServer::serve_one(int fd) {
  const Connection connection(SSL_new(context_->context.get()));
  SSL_set_fd(connection.get(), fd);
  if (SSL_accept(connection.get()) != 1) {
    ERR_clear_error();
    return;
  }
  if (SSL_session_reused(connection.get()) == 1) ++resumed_;
  if (const char* name = SSL_get_servername(connection.get(), TLSEXT_NAMETYPE_host_name)) {
    server_name_ = name;
  }
  std::array<char, 16384> block{};
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos) {
    const int got = SSL_read(connection.get(), block.data(), static_cast<int>(block.size()));
    if (got <= 0) return;
    request.append(block.data(), static_cast<std::size_t>(got));
  }
  ++handshakes_;
  SSL_write(connection.get(), answer_.data(), static_cast<int>(answer_.size()));
  SSL_shutdown(connection.get());
  (void)SSL_read(connection.get(), block.data(), static_cast<int>(block.size()));
}

}  // namespace albicilla::support
