// A connected, non-blocking socket, plain or TLS; OpenSSL stays behind stream_socket.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace albicilla::support {

// The server's certificate; nullptr stands for plain TCP.
class TlsIdentity {
 public:
  // nullptr and a line on stderr when the files cannot be used.
  static std::unique_ptr<TlsIdentity> load(const std::string& certificate, const std::string& key);
  ~TlsIdentity();

  void* context() const { return context_; }

 private:
  explicit TlsIdentity(void* context) : context_(context) {}
  void* context_;  // SSL_CTX*
};

class StreamSocket {
 public:
  enum class Outcome { moved, would_block, closed };
  struct Moved {
    Outcome outcome;
    std::size_t bytes = 0;
  };

  // Owns `fd`.
  StreamSocket(int fd, const TlsIdentity* identity);
  ~StreamSocket();
  StreamSocket(const StreamSocket&) = delete;
  StreamSocket& operator=(const StreamSocket&) = delete;

  int fd() const { return fd_; }
  Moved read(char* to, std::size_t size);
  Moved write(std::string_view bytes);
  // Tells a TLS peer that the end is meant, not cut off. Nothing on plain TCP.
  void say_goodbye();
  // Makes the close a reset instead of a clean end.
  void reset_on_close();

 private:
  int fd_;
  bool reset_ = false;
  void* ssl_ = nullptr;  // SSL*
};

}  // namespace albicilla::support
