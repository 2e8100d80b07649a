// One run of the load client against a pipeline, and the judgement afterwards.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/fault/oracle.h"
#include "tests/support/pipeline/pipeline.h"

namespace albicilla::fault {

class LoadRun {
 public:
  // Starts at once; `flags` as load-client takes them. `name` must be new in the pipeline's
  // scratch.
  LoadRun(support::Pipeline& pipeline, const std::string& name, std::vector<std::string> flags);

  support::ChildProcess& process() { return process_; }
  // Requests that have reached the provider, of all runs.
  std::uint64_t provider_requests() const;
  // Waits for the end; the summary, null when it did not end in time.
  nlohmann::json summary(std::chrono::milliseconds bound);
  // Judges as soon as nothing is missing any more, or after `bound`.
  Verdict verdict(std::chrono::milliseconds bound) const;

 private:
  support::ChildProcess::Command command(std::vector<std::string> flags) const;

  support::Pipeline& pipeline_;
  std::filesystem::path journal_;
  std::filesystem::path output_;
  support::ChildProcess process_;
};

}  // namespace albicilla::fault
