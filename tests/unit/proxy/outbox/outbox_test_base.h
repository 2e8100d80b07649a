// What the tests of the outbox have in common: exchanges to say, and a file system that fails.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/faulty_file.h"
#include "tests/support/outbox_fixture.h"

namespace albicilla::tests {

inline std::string middle(const std::string& request, const std::string& response) {
  return "\"request\":\"" + request + "\",\"response\":\"" + response +
         "\",\"exchange\":{\"ending\":\"complete\",\"status\":200,\"error\":\"\"}";
}

// Each exchange once, its Seqs without a gap.
inline void expect_each_once(const std::vector<LittleSink::Taken>& taken, std::size_t count) {
  std::set<ExchangeId> ids;
  std::map<ProducerId, std::uint64_t> last;
  for (const auto& record : taken) {
    EXPECT_TRUE(ids.insert(record.exchange).second) << "twice";
    EXPECT_EQ(record.seq.value, ++last[record.producer]);
  }
  EXPECT_EQ(ids.size(), count);
}

class OutboxTest : public ::testing::Test, public OutboxFixture {
 protected:
  ~OutboxTest() override { abandon_outbox(); }

  void exchanges(int count) {
    run([this, count]() -> Task<void> {
      for (int i = 0; i < count; ++i) co_await exchange("ask " + std::to_string(i), "answer");
    });
  }
  bool all_acknowledged(std::uint64_t count) {
    return run_until([&] { return outbox().stats().acknowledged_records >= count; });
  }

  FaultyFileSystem files{disk};
};

}  // namespace albicilla::tests
