// TLS at both ends of the proxy for tests: certificates made on the spot, a blocking client and a
// server that says what it saw. OpenSSL stays behind the .cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace albicilla::support {

struct Certificate {
  std::filesystem::path certificate;  // PEM; its own authority
  std::filesystem::path key;
};

// For "localhost" and 127.0.0.1, with that serial number, valid for a day; `days` < 0: expired.
Certificate make_certificate(const std::filesystem::path& directory, long serial, int days = 1);

class TlsWireClient {
 public:
  // Trusts that certificate alone.
  TlsWireClient(std::uint16_t port, const Certificate& trusted);
  ~TlsWireClient();
  TlsWireClient(const TlsWireClient&) = delete;
  TlsWireClient& operator=(const TlsWireClient&) = delete;

  bool connected() const;
  long server_serial() const;
  std::string protocol() const;  // chosen by ALPN
  void send(std::string_view bytes);
  // Everything until the server ends.
  std::string read_all();
  // The server said good-bye before it closed.
  bool ended_cleanly() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Answers each request of each connection with the same bytes, then closes.
class TlsWireServer {
 public:
  TlsWireServer(const Certificate& certificate, std::string answer);
  ~TlsWireServer();
  TlsWireServer(const TlsWireServer&) = delete;
  TlsWireServer& operator=(const TlsWireServer&) = delete;

  std::uint16_t port() const { return port_; }
  unsigned handshakes() const { return handshakes_; }
  unsigned resumed() const { return resumed_; }
  std::string server_name() const { return server_name_; }  // SNI of the last client

 private:
  struct Context;
  void serve();
  void serve_one(int fd);

  std::unique_ptr<Context> context_;
  std::string answer_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> handshakes_{0};
  std::atomic<unsigned> resumed_{0};
  std::atomic<bool> stopping_{false};
  std::string server_name_;
  std::thread thread_;
};

}  // namespace albicilla::support
