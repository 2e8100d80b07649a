// The sink's log on a disk that dies at every single call and then loses what was not synced.
#include <gtest/gtest.h>

#include "tests/support/sink_scenario.h"

namespace albicilla::tests {
namespace {

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

TEST(SinkPower, KeepsItsPromiseWhereverThePowerIsCut) {
  for (std::uint64_t calls = 0;; ++calls) {
    bool lived = false;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      SCOPED_TRACE(std::to_string(calls) + " calls, seed " + std::to_string(seed));
      std::mt19937_64 random(seed);
      MemoryDisk disk;
      disk.die_after(calls);
      SinkRoot root(disk);
      lived = run_scenario(root, disk);
      disk.revive();
      disk.cut_power(random);
      must(root.start());
      check_promise(root, disk);
      if (testing::Test::HasFailure()) return;
    }
    if (lived) break;
  }
}

TEST(SinkPower, KeepsItsPromiseWhenItIsCutAgainDuringRecovery) {
  for (std::uint64_t first = 10; first < 150; first += 3) {
    for (std::uint64_t second = 0;; ++second) {
      SCOPED_TRACE(std::to_string(first) + ", then " + std::to_string(second));
      std::mt19937_64 random(first * 1000 + second);
      MemoryDisk disk;
      disk.die_after(first);
      SinkRoot root(disk);
      run_scenario(root, disk);
      disk.revive();
      disk.cut_power(random);
      disk.die_after(second);
      const bool recovered = root.start().ok();
      disk.revive();
      disk.cut_power(random);
      must(root.start());
      check_promise(root, disk);
      if (testing::Test::HasFailure()) return;
      if (recovered) break;
    }
  }
}

}  // namespace
}  // namespace albicilla::tests
