// Checkpoints that the sink has signed come to the workers with its watermarks and stay beside the
// spool: with them an auditor sees that a log was cut short, which the log alone does not show.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/pipeline/pipeline.h"

namespace albicilla::tests {
namespace {

namespace fs = std::filesystem;
using support::ChildProcess;
using support::eventually;
using support::Pipeline;

void send(Pipeline& pipeline) {
  support::ask(pipeline.port(), {.method = "POST",
                                 .target = "/v1/chat/completions",
                                 .fields = {{"agent-session-id", "s"}},
                                 .body = R"({"model":"m","messages":[]})"});
}

// Of the only worker and the only sink; empty when there is none.
std::string witness_of(const Pipeline& pipeline) {
  std::error_code ignored;  // files come and go
  for (const auto& entry : fs::directory_iterator(pipeline.log_root() / ".spool/slot-0", ignored)) {
    if (entry.path().filename().string().starts_with("witness-")) return entry.path();
  }
  return {};
}

int verify(const Pipeline& pipeline, const std::string& anchors) {
  ChildProcess::Command command;
  command.arguments = {support::binary("albicilla-verify"), pipeline.log_root(), "--anchor",
                       anchors};
  command.output = pipeline.scratch() / "verify.out";
  return ChildProcess(command).wait(support::kPatience).value_or(-1);
}

// Takes the last checkpoint out of the day's manifest.
void cut_manifests(const Pipeline& pipeline) {
  for (const auto& entry : fs::recursive_directory_iterator(pipeline.log_root())) {
    if (!entry.is_regular_file()) continue;
    const std::string text = bytes_of_file(entry.path());
    const std::size_t last = text.rfind("{\"checkpoint\":");
    if (last == std::string::npos || (last > 0 && text[last - 1] != '\n')) continue;
    write_whole_file(entry.path(), std::string_view(text).substr(0, last));
  }
}

TEST(Witness, TellsThatALogWasCutShort) {
  Pipeline pipeline;
  ASSERT_TRUE(pipeline.ready()) << pipeline.output();
  send(pipeline);
  ASSERT_EQ(pipeline.lines_of("s", 1).size(), 1U);
  ASSERT_EQ(pipeline.stop(), 0);  // the sink signs at its end
  ASSERT_TRUE(pipeline.start());
  ASSERT_TRUE(eventually([&] {
    const std::string file = witness_of(pipeline);
    return !file.empty() && fs::file_size(file) > 0;
  })) << pipeline.output();
  ASSERT_EQ(pipeline.stop(), 0);
  const std::string witness = witness_of(pipeline);
  EXPECT_EQ(verify(pipeline, witness), 0) << bytes_of_file(pipeline.scratch() / "verify.out");
  // What was signed after the start goes, and then what the worker has seen.
  cut_manifests(pipeline);
  cut_manifests(pipeline);
  EXPECT_EQ(verify(pipeline, witness), 1);
  const std::string said = bytes_of_file(pipeline.scratch() / "verify.out");
  EXPECT_NE(said.find("which a witness has seen, is gone"), std::string::npos) << said;
}

}  // namespace
}  // namespace albicilla::tests
