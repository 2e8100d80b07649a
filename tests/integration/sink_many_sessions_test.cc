// A day of a million sessions: what a start has to read, how many files stay open, and that the
// loop goes on meanwhile. The day is made without its million files: a start reads checkpoints, not
// log files.
#include <gtest/gtest.h>

#include "common/chain/hash_chain.h"
#include "sink/layout/session.h"
#include "sink/log/checkpoints.h"
#include "sink/log/identity.h"
#include "tests/support/pipeline/child_process.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/sink_child.h"

namespace albicilla::tests {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};
constexpr std::size_t kMillion = 1'000'000;
#ifdef NDEBUG
constexpr milliseconds kStart{10'000};
#else
constexpr milliseconds kStart{60'000};  // the promise is for optimised code
#endif

// Long names, as agents give them.
std::string session_name(std::size_t number) {
  return "run-2026-11-21-agent-" + hex_prefix(sha256(std::to_string(number)), 32);
}

Status write_day(const std::string& root, std::size_t sessions) {
  DiskFileSystem files;
  if (const Status made = files.make_directories(root + "/.commit"); !made) return made;
  const auto identity = load_identity(files, root);
  if (!identity) return identity.error();
  StateSnapshot snapshot;
  const std::string day = utc_day(SystemClock().wall());
  for (std::size_t i = 0; i < sessions; ++i) {
    NamedHead named;
    named.file = session_file({day, "", session_name(i), Sharding::by_session});
    named.head = {1000 + i, {7, sha256(named.file)}, i};
    snapshot.changed.push_back(std::move(named));
  }
  std::sort(snapshot.changed.begin(), snapshot.changed.end(),
            [](const NamedHead& a, const NamedHead& b) { return a.file < b.file; });
  return Checkpoints(files, root, root + "/.commit", identity->sink).write(std::move(snapshot));
}

TEST(SinkManySessions, StartsWithinTenSecondsOnADayOfAMillion) {
  const ScratchDirectory scratch;
  const Status written = write_day(scratch.path("logs"), kMillion);
  ASSERT_TRUE(written) << written.error().message;
  SinkChild sink({"--shard"}, scratch.path("logs"));
  ASSERT_TRUE(sink.wait_ready()) << sink.output();
  // Of its own, because what else the machine does is nobody's promise.
  const milliseconds took = support::processor_time_of(sink.pid());
  RecordProperty("start_ms", static_cast<int>(took.count()));
  EXPECT_LT(took, kStart);
  WireProducer producer(sink.address(), 1);
  for (int i = 0; i < 100; ++i) producer.add("new-" + std::to_string(i));
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
}

}  // namespace
}  // namespace albicilla::tests
