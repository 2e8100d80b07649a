// A proxy of one worker in front of an upstream that the test scripts, without spool and sink: what
// the relay does to bytes, and nothing else.
#pragma once

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pipeline/child_process.h"
#include "tests/support/pipeline/eventually.h"
#include "tests/support/pipeline/pipeline.h"
#include "tests/support/pipeline/wire_client.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/scripted_upstream.h"

namespace albicilla::support {

// Ends with its object.
class BareProxy {
 public:
  explicit BareProxy(const std::string& upstream, const std::vector<std::string>& flags = {},
                     const std::vector<std::string>& environment = {}) {
    port_ = free_port();
    std::vector<std::string> arguments{binary("albicilla-proxy"),
                                       "--upstream",
                                       upstream,
                                       "--host",
                                       "127.0.0.1",
                                       "--port",
                                       std::to_string(port_),
                                       "--workers",
                                       "1",
                                       "--bench-discard-log"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    child_ = std::make_unique<ChildProcess>(
        ChildProcess::Command{arguments, environment, scratch_.path(), scratch_.path("output")});
    // The worker serves once the control server answers through it; over TLS, once it accepts.
    const bool plain = std::find(flags.begin(), flags.end(), "--tls-cert") == flags.end();
    const bool by_file = std::find(flags.begin(), flags.end(), "--listen-unix") != flags.end();
    ready_ =
        by_file || eventually([this, plain] {
          if (!plain) return WireClient(port_).connected();
          return ask(port_, {.target = "/healthz", .fields = {{"Connection", "close"}}}).status ==
                 200;
        });
  }

  std::uint16_t port() const { return port_; }
  bool ready() const { return ready_; }
  ChildProcess& child() { return *child_; }
  pid_t worker() const {
    const auto children = children_of(child_->pid());
    return children.empty() ? -1 : children.front();
  }
  // What it has said so far.
  std::string output() const {
    std::ifstream file(scratch_.path("output"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  tests::ScratchDirectory scratch_;
  std::unique_ptr<ChildProcess> child_;
  std::uint16_t port_ = 0;
  bool ready_ = false;
};

inline std::string simple_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace albicilla::support
