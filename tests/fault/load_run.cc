#include "tests/fault/load_run.h"

namespace albicilla::fault {

using support::ChildProcess;

LoadRun::LoadRun(support::Pipeline& pipeline, const std::string& name,
                 std::vector<std::string> flags)
    : pipeline_(pipeline),
      journal_(pipeline.scratch() / (name + ".client.jsonl")),
      output_(pipeline.scratch() / (name + ".out")),
      process_(command(std::move(flags))) {}

ChildProcess::Command LoadRun::command(std::vector<std::string> flags) const {
  ChildProcess::Command command;
  command.arguments = {support::binary("load-client"), "--url", pipeline_.url(), "--journal",
                       journal_.string()};
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  command.output = output_;
  return command;
}

std::uint64_t LoadRun::provider_requests() const {
  return pipeline_.provider().counters().value("requests", std::uint64_t{0});
}

nlohmann::json LoadRun::summary(std::chrono::milliseconds bound) {
  if (!process_.wait(bound)) return {};
  return nlohmann::json::parse(tests::bytes_of_file(output_.string()), nullptr, false);
}

Verdict LoadRun::verdict(std::chrono::milliseconds bound) const {
  const auto client = read_client_journal(journal_.string());
  Verdict verdict;
  support::eventually(
      [&] {
        verdict = judge(client, read_provider_journal(pipeline_.provider().journal().string()),
                        read_log_root(pipeline_.log_root().string()));
        return verdict.lost == 0;
      },
      bound);
  return verdict;
}

}  // namespace albicilla::fault
