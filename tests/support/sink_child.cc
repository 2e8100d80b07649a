#include "tests/support/sink_child.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <random>

#include "common/chain/hash_chain.h"
#include "common/io/file.h"
#include "tests/support/pipeline/eventually.h"

namespace albicilla::tests {

namespace {

constexpr std::chrono::milliseconds kPatience{60'000};

bool is_free_port(int port) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void count_record(RootContent& root, std::string_view line) {
  constexpr std::string_view kProducer = "\"producer\":\"";
  constexpr std::string_view kSeq = "\",\"seq\":";
  const std::size_t at = line.rfind(kProducer);
  if (at == std::string_view::npos) {
    root.faults.push_back("no producer in " + std::string(line.substr(0, 200)));
    return;
  }
  const std::string producer(line.substr(at + kProducer.size(), 32));
  const std::size_t number = at + kProducer.size() + 32 + kSeq.size();
  std::uint64_t seq = 0;
  std::from_chars(line.data() + number, line.data() + line.size(), seq);
  ++root.records[{producer, seq}];
}

void read_log(RootContent& root, const std::string& name, const std::string& content) {
  const bool gaps = name.ends_with("/.gaps.jsonl");
  ChainHead head = chain_start(name);
  std::size_t at = 0;
  while (at < content.size()) {
    std::size_t end = content.find('\n', at);
    if (end == std::string::npos) {
      root.faults.push_back(name + " ends within a line");
      end = content.size();
    }
    const std::string_view line = std::string_view(content).substr(at, end - at);
    at = end + 1;
    const auto split = split_chained_line(line);
    head = chain_next(head, sha256(split ? split->chained : line));
    if (!split || split->head != head) {
      root.faults.push_back(name + " line " + std::to_string(head.n) + " breaks the chain");
    }
    gaps ? static_cast<void>(++root.gap_lines) : count_record(root, line);
  }
}

}  // namespace

SinkChild::SinkChild(std::vector<std::string> flags, std::string root, std::string records)
    : root_(root.empty() ? scratch_.path("logs") : std::move(root)),
      records_(records.empty() ? "ipc://" + scratch_.path("s/sink.ipc") : std::move(records)),
      flags_(std::move(flags)) {
  start();
}

void SinkChild::start() {
  support::ChildProcess::Command command;
  command.arguments = {ALBICILLA_BINARY_DIR "/bin/albicilla-sink", "--listen", address().records,
                       "--log-root", root_};
  if (std::find(flags_.begin(), flags_.end(), "--http") == flags_.end()) {
    command.arguments.insert(command.arguments.end(), {"--http", "off"});
  }
  command.arguments.insert(command.arguments.end(), flags_.begin(), flags_.end());
  command.output = scratch_.path("output");
  process_ = std::make_unique<support::ChildProcess>(command);
}

bool SinkChild::wait_ready() {
  const std::string mark = "[" + std::to_string(pid()) + "] sink ready";
  return support::eventually([&] { return output().find(mark) != std::string::npos; }, kPatience);
}

void SinkChild::kill() {
  process_->signal(SIGKILL);
  process_->wait(kPatience);
}

int SinkChild::stop() {
  process_->signal(SIGTERM);
  return wait();
}

int SinkChild::wait() { return process_->wait(kPatience).value_or(-1); }

WireProducer::Address SinkChild::address() const {
  if (records_.starts_with("ipc://")) return {records_, records_ + ".ack"};
  const std::size_t colon = records_.rfind(':') + 1;
  const int next = std::stoi(records_.substr(colon)) + 1;
  return {records_, records_.substr(0, colon) + std::to_string(next)};
}

std::string SinkChild::output() const { return bytes_of_file(scratch_.path("output")); }

std::size_t SinkChild::open_descriptors() const {
  std::error_code ignored;
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid()) + "/fd", ignored);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::string free_tcp_endpoint() {
  std::mt19937 random(std::random_device{}());
  while (true) {
    const int port = 20'000 + static_cast<int>(random() % 30'000);
    if (is_free_port(port) && is_free_port(port + 1)) {
      return "tcp://127.0.0.1:" + std::to_string(port);
    }
  }
}

RootContent read_root(const std::string& log_root) {
  RootContent root;
  for (const auto& file : files_below(log_root)) {
    const std::string path = file.string();
    if (file.extension() != ".jsonl") continue;
    if (path.find("/.layouts/") != std::string::npos) continue;
    ++root.files;
    read_log(root, path.substr(log_root.size() + 1), bytes_of_file(path));
  }
  return root;
}

}  // namespace albicilla::tests
