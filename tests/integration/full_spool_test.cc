// A spool without room: what --on-full says becomes of new requests, and that what passes without a
// record is counted.
#include <csignal>
#include <fstream>

#include "tests/integration/pipeline_fixture.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::support {
namespace {

class FullSpool : public PipelineTest {
 protected:
  // A pipeline whose sink takes nothing until resume().
  void start_full(const std::string& on_full) {
    start({.flags = {"--on-full", on_full, "--spool-limit", "1MiB"}});
    sink_ = pipeline_->sinks().at(0);
    ::kill(sink_, SIGSTOP);
  }
  void TearDown() override {
    resume();
    PipelineTest::TearDown();
  }
  void resume() {
    if (sink_ > 0) ::kill(sink_, SIGCONT);
  }
  // One exchange of about 40 KB, in a session of its own.
  Reply exchange() {
    const std::string number = std::to_string(++sent_);
    return chat({.session = "s-" + number,
                 .marker = "m-" + number,
                 .more = ",\"pad\":\"" + std::string(40'000, 'p') + "\""});
  }
  bool said(std::string_view text) { return pipeline_->output().find(text) != std::string::npos; }
  // Sum over the named gaps of the log.
  std::uint64_t exchanges_in_gaps() {
    std::uint64_t count = 0;
    for (const auto& path : tests::files_below(pipeline_->log_root())) {
      if (path.filename() != ".gaps.jsonl") continue;
      std::ifstream file(path);
      for (std::string line; std::getline(file, line);) {
        count += json::parse(line)["gap"]["exchanges"].get<std::uint64_t>();
      }
    }
    return count;
  }

  pid_t sink_ = -1;
  std::size_t sent_ = 0;
};

TEST_F(FullSpool, RefusesUntilThereIsRoomAgain) {
  start_full("refuse");
  Reply reply;
  while (sent_ < 200 && (reply = exchange()).status == 200) {
  }
  EXPECT_EQ(reply.status, 503U);
  EXPECT_EQ(reply.field("x-albicilla-error"), "spool_full");
  EXPECT_FALSE(reply.field("retry-after").empty());
  const std::size_t logged = sent_ - 1;
  resume();
  EXPECT_TRUE(eventually([&] { return exchange().status == 200; }));
  EXPECT_TRUE(eventually([&] { return pipeline_->lines().size() >= logged + 1; }));
}

TEST_F(FullSpool, PassesWhenItWasAskedToAndCountsWhatHasNoRecord) {
  start_full("pass");
  while (sent_ < 200 && !said("exchanges pass without a record")) {
    ASSERT_EQ(exchange().status, 200U);
  }
  for (int more = 0; more < 3; ++more) EXPECT_EQ(exchange().status, 200U);
  resume();
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(exchange().status, 200U);
    return said("exchanges have records again");
  }));
  EXPECT_TRUE(eventually([&] {
    return exchanges_in_gaps() > 3 && pipeline_->lines().size() + exchanges_in_gaps() == sent_;
  })) << pipeline_->lines().size()
      << " lines, " << exchanges_in_gaps() << " in gaps, " << sent_ << " sent";
}

}  // namespace
}  // namespace albicilla::support
