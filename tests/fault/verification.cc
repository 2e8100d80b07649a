#include "tests/fault/verification.h"

#include <filesystem>
#include <sstream>

#include "tests/support/pipeline/pipeline.h"

namespace albicilla::fault {

using support::ChildProcess;

Verification verify_log_root(const std::string& root, const std::string& scratch) {
  std::filesystem::remove(scratch);
  ChildProcess::Command command;
  command.arguments = {support::binary("albicilla-verify"), root, "--quiet"};
  command.output = scratch;
  ChildProcess verify(command);
  Verification result;
  result.exit_code = verify.wait(std::chrono::milliseconds(120'000)).value_or(-1);
  result.text = tests::bytes_of_file(scratch);
  std::istringstream lines(result.text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    if (line.starts_with("all ")) {
      words >> word >> result.acknowledged >> result.written >> result.lost;
    }
    const std::size_t counts = line.find(" checkpoints: ");
    if (counts == std::string::npos) continue;
    std::istringstream tail(line.substr(counts + 14));
    tail >> result.faults >> word >> result.gaps;
  }
  return result;
}

}  // namespace albicilla::fault
