// The whole pipeline as users run it: mock-provider, albicilla-proxy with its workers and its own
// sink, on free ports with a scratch directory. For tests, which get its parts' process ids to
// kill.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/pipeline/child_process.h"
#include "tests/support/pipeline/eventually.h"
#include "tests/support/pipeline/wire_client.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::support {

// A mock provider of its own port and journal.
class MockProvider {
 public:
  // `directory` gets its output and journal.
  explicit MockProvider(const std::filesystem::path& directory,
                        const std::vector<std::string>& flags = {});

  std::uint16_t port() const { return port_; }  // 0: it did not start
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::filesystem::path journal() const { return directory_ / "provider.jsonl"; }
  // Entries of the journal so far.
  std::vector<nlohmann::json> entries() const;
  // The entry of a marker; null when it does not come within the bound.
  nlohmann::json entry_of(std::string_view marker) const;
  nlohmann::json counters() const;

 private:
  std::filesystem::path directory_;
  std::unique_ptr<ChildProcess> process_;
  std::uint16_t port_ = 0;
};

// One line of the log: its text as it stands in the file, and parsed.
struct Line {
  std::filesystem::path file;  // relative to the log root
  std::string text;
  nlohmann::ordered_json json;
};

class Pipeline {
 public:
  struct Options {
    unsigned workers = 1;
    std::string upstream = {};  // empty: the mock provider
    std::vector<std::string> flags = {};
    std::vector<std::string> environment = {};  // of the proxy and its children; read at each start
    std::string log_root = {};                  // empty: in the scratch directory
  };

  Pipeline() : Pipeline(Options{}) {}
  explicit Pipeline(Options options);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  bool ready() const { return ready_; }
  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  MockProvider& provider() { return *provider_; }
  std::filesystem::path log_root() const {
    return options_.log_root.empty() ? scratch_.path("log") : options_.log_root;
  }
  std::filesystem::path scratch() const { return scratch_.path(); }

  // Every line below the log root now.
  std::vector<Line> lines() const;
  // The lines of a session, once there are at least `count`; fewer when they do not come in time.
  std::vector<Line> lines_of(std::string_view session, std::size_t count) const;

  pid_t supervisor() const { return proxy_->pid(); }
  std::vector<pid_t> workers() const;
  std::vector<pid_t> sinks() const;
  // Memory of supervisor, workers and sink, shared pages counted once.
  std::size_t pss() const;

  bool wait_ready();
  // SIGTERM; the exit status, -1 when it did not end in time. Tells stderr when it is not 0.
  int stop();
  // SIGKILL to supervisor, workers and sink at once, as when the machine goes.
  void kill_all();
  void set_environment(std::vector<std::string> environment) {
    options_.environment = std::move(environment);
  }
  // The proxy anew on the same port, log root and spool; waits until it is ready.
  bool start();
  // What the programs wrote on stdout and stderr.
  std::string output() const;

 private:
  std::string how_it_ended(std::optional<int> status) const;

  Options options_;
  tests::ScratchDirectory scratch_;  // outlives the processes that write there
  std::unique_ptr<MockProvider> provider_;
  std::unique_ptr<ChildProcess> proxy_;
  std::uint16_t port_ = 0;
  bool ready_ = false;
};

// The path of a binary of this build.
std::string binary(std::string_view name);
// A port that was free a moment ago; 0: none was found.
std::uint16_t free_port();

}  // namespace albicilla::support
