// mock-provider: answers like OpenAI and Anthropic, deterministically, and breaks off when asked
// to. Used by tests, benches and the demo; README.md in tests/support lists what a request can ask
// for.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/support/event_loop.h"
#include "tests/support/mock/connection.h"
#include "tests/support/mock/provider.h"

namespace albicilla::mock {
namespace {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string tls_cert;
  std::string tls_key;
  std::string journal;
};

class Listener final : public support::Watcher {
 public:
  Listener(int fd, support::EventLoop& loop, Provider& provider)
      : fd_(fd), loop_(loop), provider_(provider) {}
  ~Listener() override { close(fd_); }

  void on_ready(std::uint32_t) override {
    while (true) {
      const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      loop_.add(fd, EPOLLIN, std::make_unique<Connection>(fd, loop_, provider_));
    }
  }

 private:
  int fd_;
  support::EventLoop& loop_;
  Provider& provider_;
};

class StopSignal final : public support::Watcher {
 public:
  StopSignal(int fd, support::EventLoop& loop) : fd_(fd), loop_(loop) {}
  ~StopSignal() override { close(fd_); }
  void on_ready(std::uint32_t) override { loop_.stop(); }

 private:
  int fd_;
  support::EventLoop& loop_;
};

// A listening socket, or -1 with a line on stderr.
int listen_on(const Options& options, std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  const bool legal = inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) == 1;
  if (!legal || bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, 4096) != 0) {
    std::cerr << "mock-provider: cannot listen on " << options.host << ":" << options.port << "\n";
    close(fd);
    return -1;
  }
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

int stop_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

void raise_open_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const Options& options) {
  raise_open_files();
  Provider provider(options.journal);
  if (!options.journal.empty() && !provider.journal.enabled()) return 1;
  if (!options.tls_cert.empty()) {
    provider.tls = support::TlsIdentity::load(options.tls_cert, options.tls_key);
    if (provider.tls == nullptr) return 1;
  }
  support::EventLoop loop;
  std::uint16_t port = 0;
  const int listener = listen_on(options, port);
  if (listener < 0) return 1;
  const int stop = stop_signal();
  loop.add(stop, EPOLLIN, std::make_unique<StopSignal>(stop, loop));
  loop.add(listener, EPOLLIN, std::make_unique<Listener>(listener, loop, provider));
  std::cout << "listening on " << options.host << ":" << port << std::endl;
  loop.run([&provider] { provider.journal.flush(); });
  return 0;
}

}  // namespace
}  // namespace albicilla::mock

int main(int argc, char** argv) {
  albicilla::mock::Options options;
  CLI::App app("A provider for tests, benches and the demo");
  app.add_option("--host", options.host, "IPv4 address to listen on");
  app.add_option("--port", options.port, "0: any free port");
  auto* certificate = app.add_option("--tls-cert", options.tls_cert, "PEM chain; speaks TLS");
  app.add_option("--tls-key", options.tls_key, "PEM key")->needs(certificate);
  app.add_option("--journal", options.journal, "file that gets one JSON line per request");
  CLI11_PARSE(app, argc, argv);
  return albicilla::mock::run(options);
}
