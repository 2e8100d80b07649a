// Random changes of a sealed log: each must be found, with the right kind. ALBICILLA_MUTATIONS says
// how many, ALBICILLA_SEED with which seed to begin.
#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/sealed_log.h"

namespace albicilla::tests {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(VerifyMutations, FindsEveryOne) {
  const SealedLog whole;
  const std::uint64_t first = number_from("ALBICILLA_SEED", 1000);
  const std::uint64_t count = number_from("ALBICILLA_MUTATIONS", 200);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const SealedLog log(whole);
    std::mt19937_64 random(seed);
    const Mutation mutation = mutate(log, random);
    SCOPED_TRACE(std::to_string(seed) + ": " + mutation.what);
    const Verification result = verify_log(log, mutation.needs_witness);
    EXPECT_EQ(result.exit_code, 1);
    for (const FaultKind kind : mutation.kinds) {
      EXPECT_TRUE(
          std::any_of(result.faults.begin(), result.faults.end(), [&](const LogFault& fault) {
            return fault.kind == kind && fault.file == mutation.file;
          }));
    }
  }
}

TEST(VerifyMutations, SaysNothingOfALogThatNobodyTouched) {
  const SealedLog whole;
  const Verification result = verify_log(whole, true);
  EXPECT_TRUE(result.faults.empty());
  EXPECT_EQ(result.exit_code, 0);
}

}  // namespace
}  // namespace albicilla::tests
