// A proxy in front of two sinks over tcp with CURVE keys: each session's lines stand in one of the
// two logs, every exchange in exactly one, also when one sink is away for a while.
#include <filesystem>
#include <set>

#include "common/io/curve_keys.h"
#include "tests/integration/pipeline_fixture.h"
#include "tests/support/sink_child.h"

namespace albicilla::support {
namespace {

using testing::HasSubstr;
using tests::SinkChild;

class SeveralSinksTest : public PipelineTest {
 protected:
  SeveralSinksTest() {
    DiskFileSystem files;
    for (const char* name : {"a", "b"}) {
      const std::string keys = scratch_.path(std::string("keys-") + name);
      EXPECT_TRUE(make_sink_keys(files, keys));
      EXPECT_TRUE(allow_worker(files, keys, "web", own_.public_key));
      sinks_.push_back(std::make_unique<SinkChild>(std::vector<std::string>{"--curve-dir", keys},
                                                   std::string(), tests::free_tcp_endpoint()));
      const std::string endpoint = sinks_.back()->address().records;
      const auto pair = load_sink_keys(files, keys);
      if (sinks_.size() == 1) {
        EXPECT_TRUE(make_worker_keys(files, worker_keys_, own_, pair->public_key));
        EXPECT_TRUE(files.make_directories(worker_keys_ + "/sinks"));
      }
      const std::string port = endpoint.substr(endpoint.rfind(':') + 1);
      tests::write_whole_file(worker_keys_ + "/sinks/127.0.0.1_" + port + ".public",
                              pair->public_key);
    }
  }

  void start_proxy() {
    start({.workers = 2,
           .flags = {"--sink", sinks_[0]->address().records, "--sink", sinks_[1]->address().records,
                     "--sink-keys", worker_keys_}});
  }
  std::size_t lines_at(std::size_t sink) const {
    return tests::read_root(sinks_[sink]->log_root()).records.size();
  }

  std::vector<std::string> roots() const { return {sinks_[0]->log_root(), sinks_[1]->log_root()}; }
  // What it says; it must end well.
  std::string run(const std::string& program, std::vector<std::string> words) {
    ChildProcess::Command command;
    command.arguments = std::move(words);
    command.arguments.insert(command.arguments.begin(), binary(program));
    command.output = scratch_.path("said");
    ChildProcess child(command);
    EXPECT_EQ(child.wait(std::chrono::milliseconds(60'000)), 0) << program;
    return tests::bytes_of_file(command.output.string());
  }

  tests::ScratchDirectory scratch_;
  const CurvePair own_ = make_curve_pair();
  const std::string worker_keys_ = scratch_.path("worker");
  std::vector<std::unique_ptr<SinkChild>> sinks_;
};

TEST_F(SeveralSinksTest, KeepsASessionInOneLogAndEveryExchangeOnce) {
  start_proxy();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) {
      const std::string number = std::to_string(i);
      EXPECT_EQ(chat({.session = "s-" + number, .marker = "m-" + number}).status, 200U);
    }
    if (round == 0) {
      sinks_[1]->kill();  // what is for it waits in the spool, the other goes on
    } else {
      sinks_[1]->start();
    }
  }
  EXPECT_TRUE(eventually([&] { return lines_at(0) + lines_at(1) == 40; }))
      << sinks_[0]->output() << sinks_[1]->output();
  EXPECT_EQ(pipeline_->stop(), 0);
  std::set<std::string> names[2];
  for (std::size_t sink = 0; sink < 2; ++sink) {
    EXPECT_EQ(sinks_[sink]->stop(), 0);
    const tests::RootContent root = tests::read_root(sinks_[sink]->log_root());
    EXPECT_EQ(root.faults, std::vector<std::string>{});
    EXPECT_GT(root.files, 2U);
    for (const auto& [record, count] : root.records) EXPECT_EQ(count, 1);
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(sinks_[sink]->log_root())) {
      if (entry.path().extension() == ".jsonl") names[sink].insert(entry.path().filename());
    }
  }
  for (const std::string& name : names[0]) EXPECT_FALSE(names[1].contains(name)) << name;
  EXPECT_EQ(names[0].size() + names[1].size(), 20U);

  // One verify and one converter over both.
  const std::string verified = run("albicilla-verify", {roots()[0], roots()[1]});
  EXPECT_THAT(verified, HasSubstr("# " + roots()[0] + "\n"));
  EXPECT_THAT(verified, HasSubstr("# " + roots()[1] + "\n"));
  EXPECT_THAT(run("albicilla-conv", {"-l", roots()[0], "--logs", roots()[1], "-s", "--format",
                                     "openai", "--output", scratch_.path("dataset")}),
              HasSubstr("Wrote 20 records"));
}

TEST_F(SeveralSinksTest, AProxyWithoutItsKeysDoesNotStart) {
  ChildProcess::Command command;
  command.arguments = {binary("albicilla-proxy"),
                       "--upstream",
                       "http://127.0.0.1:9",
                       "--sink",
                       "tcp://h:5557",
                       "--sink-keys",
                       scratch_.path("nothing-is-here"),
                       "--port",
                       "1"};
  command.output = scratch_.path("output");
  ChildProcess proxy(command);
  EXPECT_EQ(proxy.wait(std::chrono::milliseconds(20'000)), 2);
  EXPECT_NE(tests::bytes_of_file(command.output.string()).find("--sink-keys"), std::string::npos);
}

}  // namespace
}  // namespace albicilla::support
