// load-client: sends marked chat completions over many connections, each exactly once, and writes
// down what it got, so that an oracle can join it with the provider's journal and the log. SIGTERM:
// no further requests, those under way go on.
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/support/event_loop.h"
#include "tests/support/load/load.h"
#include "tests/support/load/load_connection.h"

namespace {

using albicilla::support::LoadPlan;

class EndSignal final : public albicilla::support::Watcher {
 public:
  static void watch(albicilla::support::EventLoop& loop, albicilla::support::Load& load) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    const int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    loop.add(fd, EPOLLIN, std::unique_ptr<Watcher>(new EndSignal(fd, load)));
  }
  ~EndSignal() override { close(fd_); }

  void on_ready(std::uint32_t) override {
    signalfd_siginfo got{};
    if (read(fd_, &got, sizeof got) == sizeof got) load_.end();
  }

 private:
  EndSignal(int fd, albicilla::support::Load& load) : fd_(fd), load_(load) {}

  int fd_;
  albicilla::support::Load& load_;
};

// "http://127.0.0.1:9000[/path]"; false when it is something else.
bool take_url(std::string url, LoadPlan& plan) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return false;
  url.erase(0, kScheme.size());
  const std::size_t slash = url.find('/');
  if (slash != std::string::npos && slash + 1 < url.size()) plan.path = url.substr(slash);
  url = url.substr(0, slash);
  const std::size_t colon = url.find(':');
  if (colon == std::string::npos) return false;
  plan.host = url.substr(0, colon);
  const auto port = albicilla::support::parse_number(std::string_view(url).substr(colon + 1));
  if (!port || *port > 65535) return false;
  plan.port = static_cast<std::uint16_t>(*port);
  return true;
}

int run(const LoadPlan& plan) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  albicilla::support::EventLoop loop;
  albicilla::support::Load load(plan);
  EndSignal::watch(loop, load);
  for (unsigned i = 0; i < plan.connections; ++i) {
    albicilla::support::LoadConnection::add(loop, load, std::chrono::milliseconds(0));
  }
  if (plan.requests > 0) {
    loop.run([&] {
      if (load.all_finished()) loop.stop();
    });
  }
  std::cout << load.summary() << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  LoadPlan plan;
  std::string url;
  std::uint64_t timeout_ms = 60'000;
  CLI::App app("Sends marked requests, each once, and keeps a journal of the answers");
  app.add_option("--url", url, "http://ADDRESS:PORT[/path]")->required();
  app.add_option("--connections", plan.connections)->check(CLI::PositiveNumber);
  app.add_option("--requests", plan.requests);
  app.add_option("--stream-percent", plan.stream_percent, "share of streamed requests")
      ->check(CLI::Range(0, 100));
  app.add_option("--abort-percent", plan.abort_percent, "share that leaves mid-answer")
      ->check(CLI::Range(0, 100));
  app.add_option("--hang-up-percent", plan.hang_up_percent, "share that leaves at [DONE]")
      ->check(CLI::Range(0, 100));
  app.add_option("--sessions", plan.sessions)->check(CLI::PositiveNumber);
  app.add_option("--prefix", plan.prefix, "of markers and sessions");
  app.add_option("--mock", plan.words, "words for the mock provider");
  app.add_option("--prompt-bytes", plan.prompt_bytes, "filler in each request");
  app.add_option("--timeout-ms", timeout_ms);
  app.add_option("--field", plan.fields, "further header line, 'Name: value'");
  app.add_option("--journal", plan.journal, "file that gets one JSON line per request");
  CLI11_PARSE(app, argc, argv);
  plan.timeout = std::chrono::milliseconds(timeout_ms);
  if (!take_url(url, plan)) {
    std::cerr << "load-client: --url must be http://ADDRESS:PORT[/path]\n";
    return 2;
  }
  return run(plan);
}
