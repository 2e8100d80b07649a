// What every Store must do, as tests that run for each implementation: in unit tests against a
// directory and the S3 server of this process, in tests/clients/stores against real servers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "common/io/file.h"
#include "sink/store/pacer.h"
#include "sink/store/store.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/stores/faulty_transport.h"

namespace albicilla::tests {

// One store with what it stands on.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual Store& store() = 0;
  // What is really stored, read past the store; nullopt when nothing is.
  virtual std::optional<std::string> bytes(const std::string& name) = 0;
  // nullptr where no network is between.
  virtual FaultyTransport* transport() { return nullptr; }
  // A file above it goes up in parts. Real S3 servers take no smaller ones.
  virtual std::uint64_t part_bytes() const { return 5 * 1024 * 1024; }
  // The same store with a credential that is wrong; nullptr where there are none.
  virtual Store* with_wrong_key() { return nullptr; }
};

struct StoreMaker {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
};

// For INSTANTIATE_TEST_SUITE_P.
std::string maker_name(const testing::TestParamInfo<StoreMaker>& one);

class StoreContract : public testing::TestWithParam<StoreMaker> {
 protected:
  void SetUp() override { under_test_ = GetParam().make(); }
  Store& store() { return under_test_->store(); }
  SourceFile file(std::string_view bytes);
  // A name that no other test and no earlier run has used.
  std::string fresh_name(std::string_view ending = "session.jsonl");

  ScratchDirectory scratch_;
  DiskFileSystem disk_;
  std::unique_ptr<StoreUnderTest> under_test_;
  int files_ = 0;
};

}  // namespace albicilla::tests
