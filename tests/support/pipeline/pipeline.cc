#include "tests/support/pipeline/pipeline.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <random>
#include <utility>

namespace albicilla::support {
namespace {

// Several programs and a handshake, perhaps on a machine that does much else.
constexpr std::chrono::milliseconds kStartPatience{60'000};
// Workers may flush for 5 s, then the sink may sync for 10 s before it is killed, each of them when
// it gets the processor.
constexpr std::chrono::milliseconds kStopPatience{60'000};
constexpr int kKilled = 128;  // and the signal

std::vector<pid_t> children_running(pid_t parent, std::string_view program) {
  std::vector<pid_t> found;
  for (const pid_t child : children_of(parent)) {
    if (program_of(child) == program) found.push_back(child);
  }
  return found;
}

}  // namespace

std::string binary(std::string_view name) {
  return std::string(ALBICILLA_BINARY_DIR "/bin/") + std::string(name);
}

// Below the ports that the kernel gives to connections: what listens here is killed and started
// again, and must not find its port taken by a client of another pipeline meanwhile. By chance,
// because other processes choose too and a port that is free now may only be between two starts.
std::uint16_t free_port() {
  constexpr unsigned kFirst = 10'000;
  constexpr unsigned kPorts = 22'000;
  std::random_device random;
  for (unsigned tries = 0; tries < kPorts; ++tries) {
    const auto port = static_cast<std::uint16_t>(kFirst + random() % kPorts);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool is_free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    if (is_free) return port;
  }
  return 0;
}

MockProvider::MockProvider(const std::filesystem::path& directory,
                           const std::vector<std::string>& flags)
    : directory_(directory) {
  const auto output = directory / "provider.out";
  ChildProcess::Command command;
  command.arguments = {binary("mock-provider"), "--port", "0", "--journal", journal().string()};
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  command.output = output;
  process_ = std::make_unique<ChildProcess>(command);
  eventually([&] {
    const std::string said = tests::bytes_of_file(output.string());
    const std::size_t end = said.find('\n');
    if (end == std::string::npos) return !process_->running();
    const std::size_t colon = said.rfind(':', end);
    port_ = static_cast<std::uint16_t>(
        parse_number(said.substr(colon + 1, end - colon - 1)).value_or(0));
    return true;
  });
}

std::vector<nlohmann::json> MockProvider::entries() const {
  std::vector<nlohmann::json> found;
  std::ifstream file(journal(), std::ios::binary);
  for (std::string line; std::getline(file, line) && !file.eof();) {
    found.push_back(nlohmann::json::parse(line, nullptr, false));
  }
  return found;
}

nlohmann::json MockProvider::entry_of(std::string_view marker) const {
  nlohmann::json found;
  eventually([&] {
    for (nlohmann::json& entry : entries()) {
      if (entry["marker"] == marker) found = std::move(entry);
    }
    return !found.is_null();
  });
  return found;
}

nlohmann::json MockProvider::counters() const {
  return nlohmann::json::parse(ask(port_, {.target = "/mock/counters"}).body, nullptr, false);
}

Pipeline::Pipeline(Options options) : options_(std::move(options)) {
  provider_ = std::make_unique<MockProvider>(scratch_.path());
  port_ = free_port();
  start();
}

Pipeline::~Pipeline() {
  if (proxy_ && proxy_->running()) stop();
}

bool Pipeline::start() {
  ChildProcess::Command command;
  command.arguments = {binary("albicilla-proxy"),
                       "--upstream",
                       options_.upstream.empty() ? provider_->url() : options_.upstream,
                       "--host",
                       "127.0.0.1",
                       "--port",
                       std::to_string(port_),
                       "--workers",
                       std::to_string(options_.workers),
                       "--log-root",
                       log_root().string()};
  command.arguments.insert(command.arguments.end(), options_.flags.begin(), options_.flags.end());
  command.environment = options_.environment;
  command.directory = scratch_.path();
  command.output = scratch_.path("proxy.out");
  proxy_ = std::make_unique<ChildProcess>(command);
  ready_ = wait_ready();
  if (!ready_) std::cerr << "the pipeline is not ready:\n" << output();
  return ready_;
}

bool Pipeline::wait_ready() {
  const auto answers = [this] {
    return !proxy_->running() || ask(port_, {.target = "/readyz"}).status == 200;
  };
  return eventually(answers, kStartPatience) && proxy_->running();
}

int Pipeline::stop() {
  proxy_->signal(SIGTERM);
  const auto status = proxy_->wait(kStopPatience);
  if (status != 0) std::cerr << "the proxy did not end well: " << how_it_ended(status) << "\n";
  return status.value_or(-1);
}

void Pipeline::kill_all() { proxy_.reset(); }

std::string Pipeline::how_it_ended(std::optional<int> status) const {
  if (status && *status < kKilled) return "exit status " + std::to_string(*status);
  if (status) return "signal " + std::to_string(*status - kKilled);
  std::string said = "it still runs, and below it";
  for (const pid_t child : children_of(supervisor())) {
    std::ifstream waits("/proc/" + std::to_string(child) + "/wchan");
    std::string where;
    waits >> where;
    said += " " + program_of(child) + " " + std::to_string(child) + " in " + where;
  }
  return said;
}

std::vector<Line> Pipeline::lines() const {
  std::vector<Line> found;
  for (const std::filesystem::path& path : tests::files_below(log_root())) {
    const std::filesystem::path name = path.lexically_relative(log_root());
    const bool hidden = std::any_of(
        name.begin(), name.end(), [](const auto& part) { return part.string().starts_with('.'); });
    if (hidden || path.extension() != ".jsonl") continue;
    std::ifstream file(path, std::ios::binary);
    for (std::string text; std::getline(file, text) && !file.eof();) {
      auto json = nlohmann::ordered_json::parse(text, nullptr, false);
      found.push_back({name, text, std::move(json)});
    }
  }
  return found;
}

std::vector<Line> Pipeline::lines_of(std::string_view session, std::size_t count) const {
  std::vector<Line> found;
  eventually([&] {
    found.clear();
    for (Line& line : lines()) {
      const bool mine = line.json.is_object() && line.json.value("session_id", "") == session;
      if (mine) found.push_back(std::move(line));
    }
    return found.size() >= count;
  });
  return found;
}

std::vector<pid_t> Pipeline::workers() const {
  return children_running(supervisor(), "albicilla-proxy");
}

std::vector<pid_t> Pipeline::sinks() const {
  return children_running(supervisor(), "albicilla-sink");
}

std::size_t Pipeline::pss() const {
  std::size_t bytes = pss_bytes(supervisor());
  for (const pid_t child : children_of(supervisor())) bytes += pss_bytes(child);
  return bytes;
}

std::string Pipeline::output() const { return tests::bytes_of_file(scratch_.path("proxy.out")); }

}  // namespace albicilla::support
