// An outbox with everything around it that a test needs: a spool directory, a little sink, a loop,
// and a render function whose output shows what was in the facts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "proxy/outbox/outbox.h"
#include "tests/support/little_sink.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::tests {

// `"request":"<body>","response":"<body>","exchange":{"ending":"…","status":…,"error":"…"}`
RenderedRecord plain_middle(const ExchangeFacts& facts, const RenderOrder& order);

class OutboxFixture {
 public:
  OutboxFixture();
  ~OutboxFixture();

  // Fast timing, the little sink as the only one; change before start_outbox().
  OutboxConfig config;
  DiskFileSystem disk;
  SystemClock clock;
  ScratchDirectory scratch;
  LittleSink sink;
  RenderRecord render = plain_middle;
  std::vector<Error> broken;  // what on_broken was called with

  boost::asio::io_context& loop() { return *loop_; }
  Outbox& outbox() { return *outbox_; }

  // With `files` instead of the disk, when given.
  void start_outbox(FileSystem* files = nullptr);
  // As a worker that ends orderly.
  void stop_outbox(std::chrono::milliseconds patience = std::chrono::seconds(10));
  // As a worker that is killed, once all that was said is written: threads end, files stay.
  void abandon_outbox();

  // Runs the loop until the task is done; fails the test when that takes longer than 20 s.
  void run(std::function<Task<void>()> task);
  // Runs the loop until `done` holds, likewise.
  bool run_until(const std::function<bool()>& done);

  OpenedFacts opened_facts(std::string_view session = "session");
  ClosedFacts closed_facts(const OpenedFacts& opened);
  // One whole exchange as the relay says it, the response in two parts; waits for request and
  // closing to be written.
  Task<ExchangeId> exchange(std::string request, std::string response);

  std::string spool_path() const { return config.spool_directory; }
  // All segment files of the spool.
  std::vector<std::string> segments() const;

 private:
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<Outbox> outbox_;
  ExchangeIdSource ids_;
};

}  // namespace albicilla::tests
