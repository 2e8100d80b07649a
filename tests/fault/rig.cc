#include "tests/fault/rig.h"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "tests/fault/verification.h"
#include "tests/support/sha256.h"

namespace albicilla::fault {

using support::ChildProcess;
using support::eventually;
using support::FaultProxy;

namespace {

constexpr milliseconds kWholeBound{90'000};
constexpr milliseconds kLoadBound{240'000};

std::string tcp(const std::string& address, std::uint16_t port) {
  return "tcp://" + address + ":" + std::to_string(port);
}

}  // namespace

Rig::Rig(Options options) : options_(std::move(options)) {
  outcome_.runs = 1;
  support::Pipeline::Options plan;
  plan.workers = options_.workers;
  plan.flags = options_.flags;
  plan.flags.insert(plan.flags.end(), {"--durability", options_.durability});
  plan.environment = options_.environment;
  plan.log_root = options_.log_root;
  if (options_.far_sink) {
    plan.log_root = scratch_.path("log");
    plan_far_sink();
    start_far_sink();
    const std::string address = network_ ? network_->address() : "127.0.0.1";
    plan.flags.insert(plan.flags.end(),
                      {"--sink", tcp(address, network_ ? record_port_ : records_->port()),
                       "--sink-ack", tcp(address, network_ ? watermark_port_ : watermarks_->port()),
                       "--insecure-sink", "--spool-dir", scratch_.path("spool")});
  }
  pipeline_ = std::make_unique<support::Pipeline>(std::move(plan));
  if (!pipeline_->ready()) problem("the pipeline did not start");
}

Rig::~Rig() = default;

void Rig::plan_far_sink() {
  record_port_ = support::free_port();
  watermark_port_ = support::free_port();
  if (options_.own_network) network_ = std::make_unique<support::NetworkSpace>();
  if (network_ && !network_->made()) network_.reset();
  if (network_) {
    far_command_ = network_->enter();
  } else {
    records_ = std::make_unique<FaultProxy>(record_port_);
    watermarks_ = std::make_unique<FaultProxy>(watermark_port_);
  }
  const std::string address = network_ ? network_->address() : "127.0.0.1";
  far_command_.insert(
      far_command_.end(),
      {support::binary("albicilla-sink"), "--listen", tcp(address, record_port_), "--ack-listen",
       tcp(address, watermark_port_), "--log-root", scratch_.path("log"), "--http", "off"});
  if (network_) far_command_.emplace_back("--insecure-sink");
}

void Rig::cut_records(Cut cut) {
  if (network_) return network_->set(cut, record_port_);
  records_->set(cut);
}

void Rig::cut_watermarks(Cut cut) {
  if (network_) return network_->set(cut, watermark_port_);
  watermarks_->set(cut);
}

void Rig::start_far_sink(const std::vector<std::string>& more) {
  ChildProcess::Command command;
  command.arguments = far_command_;
  command.arguments.insert(command.arguments.end(), more.begin(), more.end());
  command.output = scratch_.path("sink.out");
  far_output_ = far_sink_ ? tests::bytes_of_file(command.output).size() : 0;
  far_sink_ = std::make_unique<ChildProcess>(command);
}

void Rig::stop_far_sink(int signal) {
  far_sink_->signal(signal);
  if (!far_sink_->wait(support::kPatience)) problem("the sink did not end");
}

bool Rig::far_sink_is_ready() const {
  const std::string said = tests::bytes_of_file(scratch_.path("sink.out"));
  return said.find("sink ready", far_output_) != std::string::npos;
}

pid_t Rig::sink() {
  if (far_sink_) return far_sink_->running() ? far_sink_->pid() : -1;
  const auto sinks = pipeline_->sinks();
  return sinks.empty() ? -1 : sinks.front();
}

void Rig::start_load(std::uint64_t requests) {
  const std::string name = "load" + std::to_string(journals_.size());
  journals_.emplace_back(scratch_.path(name + ".client.jsonl"));
  ChildProcess::Command command;
  command.arguments = {support::binary("load-client"),
                       "--url",
                       pipeline_->url(),
                       "--journal",
                       journals_.back().string(),
                       "--prefix",
                       name,
                       "--requests",
                       std::to_string(requests),
                       "--connections",
                       std::to_string(options_.connections),
                       "--hang-up-percent",
                       "10",
                       "--sessions",
                       "20",
                       "--mock",
                       options_.words};
  command.output = scratch_.path(name + ".out");
  load_ = std::make_unique<ChildProcess>(command);
}

void Rig::stop_load() {
  if (!load_) return;
  load_->signal(SIGTERM);
  wait_for_load(kLoadBound);
}

bool Rig::wait_for_load(milliseconds bound) {
  if (!load_) return true;
  const bool ended = load_->wait(bound).has_value();
  if (!ended) problem("the load client did not end");
  load_.reset();
  return ended;
}

void Rig::inject(const std::function<void()>& fault) {
  if (!outcome_.problems.empty()) return;  // there may be nothing that it could hit
  const auto begun = std::chrono::steady_clock::now();
  fault();
  ++outcome_.faults;
  if (!wait_whole(kWholeBound)) {
    return problem("not whole again after fault " + std::to_string(outcome_.faults));
  }
  outcome_.recoveries.push_back(
      std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun));
}

bool Rig::wait_whole(milliseconds bound) {
  const auto runs = [this] { return workers().size() == options_.workers && sink() > 0; };
  bool probed = false;
  return eventually(
      [&] {
        if (!runs()) return false;
        if (!probed) {
          probe();
          probed = probes_.back().complete && !probes_.back().refused;
        }
        return probed && probe_is_logged();
      },
      bound);
}

// A request with a session of its own, so that its line is a file of its own.
void Rig::probe() {
  ClientEvidence seen;
  seen.marker = "probe-" + std::to_string(probes_.size());
  const std::string body =
      R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":"[[marker )" + seen.marker +
      "]]\"}]}";
  const support::Reply reply = support::ask(
      pipeline_->port(),
      {.method = "POST",
       .target = "/v1/chat/completions",
       .fields = {{"Content-Type", "application/json"}, {"agent-session-id", seen.marker}},
       .body = body});
  seen.session = seen.marker;
  seen.sent = true;
  seen.status = reply.status;
  seen.complete = reply.complete;
  seen.refused = !reply.field("x-albicilla-error").empty();
  seen.request_sha256 = support::sha256_hex(body);
  seen.response_bytes = reply.body.size();
  seen.response_sha256 = support::sha256_hex(reply.body);
  probes_.push_back(std::move(seen));
}

bool Rig::probe_is_logged() {
  std::error_code ignored;
  for (const auto& day : std::filesystem::directory_iterator(pipeline_->log_root(), ignored)) {
    const auto file = day.path() / (probes_.back().marker + ".jsonl");
    if (std::filesystem::file_size(file, ignored) > 0 && !ignored) return true;
  }
  return false;
}

bool Rig::restart_after(const std::function<void()>& meanwhile) {
  pipeline_->kill_all();
  meanwhile();
  return pipeline_->start();
}

void Rig::compare_metrics() {
  const auto page = [this] {
    const auto reply = support::ask(
        pipeline_->port(), {.target = "/metrics", .fields = {{"Accept", "application/json"}}});
    return nlohmann::json::parse(reply.body, nullptr, false);
  };
  const std::string root = pipeline_->log_root().string();
  nlohmann::json counted;
  std::map<std::string, std::uint64_t> endings;
  std::size_t lines = 0;
  const bool agrees = eventually(
      [&] {
        counted = page();
        if (!counted.is_object()) return false;
        endings.clear();
        const auto read = read_log_root(root);
        for (const LineEvidence& line : read) ++endings[line.ending];
        lines = read.size();
        return counted["albicilla_records_acknowledged_total"] == lines &&
               counted["albicilla_requests_total"] == lines &&
               counted["albicilla_records_unacknowledged"] == 0 &&
               std::all_of(endings.begin(), endings.end(), [&](const auto& ending) {
                 return counted["albicilla_exchanges_total"][ending.first] == ending.second;
               });
      },
      milliseconds(15'000));
  ++outcome_.compared;
  if (!agrees) {
    problem("metrics disagree with " + std::to_string(lines) + " lines, " +
            nlohmann::json(endings).dump() + ": " + counted.dump());
  }
}

void Rig::verify() {
  const Verification said =
      verify_log_root(pipeline_->log_root().string(), scratch_.path("verify.out"));
  if (!said.is_sound()) return problem("albicilla-verify: " + said.text);
  if (said.written != outcome_.verdict.lines || said.acknowledged != said.written + said.lost) {
    return problem("the ledger disagrees with " + std::to_string(outcome_.verdict.lines) +
                   " lines: " + said.text);
  }
  if (!outcome_.may_have_gaps && said.exit_code == 3) problem("a gap: " + said.text);
  ++outcome_.verified;
}

void Rig::look() {
  std::vector<ClientEvidence> client = probes_;
  for (const auto& journal : journals_) {
    const auto entries = read_client_journal(journal.string());
    client.insert(client.end(), entries.begin(), entries.end());
  }
  if (!options_.keeps_broken_answers) {
    for (ClientEvidence& entry : client) entry.timeline.clear();
  }
  const std::string root = pipeline_->log_root().string();
  outcome_.gaps = read_gaps(root);
  outcome_.verdict = judge(client, read_provider_journal(pipeline_->provider().journal().string()),
                           read_log_root(root));
}

Outcome Rig::finish(const Closing& closing) {
  stop_load();
  eventually(
      [&] {
        look();
        return outcome_.verdict.lost == 0 ||
               (outcome_.may_have_gaps && outcome_.gaps.cover(outcome_.verdict.lost));
      },
      closing.log_bound);
  if (closing.compares_metrics) compare_metrics();
  const auto stopping = std::chrono::steady_clock::now();
  if (const int status = pipeline_->stop(); status != 0) {
    const auto time = std::chrono::steady_clock::now() - stopping;
    const auto ms = std::chrono::duration_cast<milliseconds>(time).count();
    problem("the proxy did not end well: status " + std::to_string(status) + " after " +
            std::to_string(ms) + " ms");
  }
  if (far_sink_) {
    far_sink_->signal(SIGTERM);
    if (far_sink_->wait(support::kPatience) != 0) problem("the sink did not end well");
  }
  look();
  if (closing.verifies) verify();
  if (!outcome_.sound() || std::getenv("TORTURE_SHOW") != nullptr) {
    for (const std::string& what : story_) std::fprintf(stderr, "%s\n", what.c_str());
    std::fprintf(stderr, "proxy and sink said:\n%s%s", pipeline_->output().c_str(),
                 tests::bytes_of_file(scratch_.path("sink.out")).c_str());
  }
  return outcome_;
}

}  // namespace albicilla::fault
