#include "common/base/nearest.h"

#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

const std::vector<std::string> kKnown = {"--port", "--host", "--upstream", "--log-root"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest_name("--prot", kKnown), "--port");
  EXPECT_EQ(nearest_name("--up-stream", kKnown), "--upstream");
  EXPECT_EQ(did_you_mean("--logroot", kKnown), ", did you mean --log-root?");
}

TEST(Nearest, SaysNothingWhenNothingComesNear) {
  EXPECT_EQ(nearest_name("--quantization", kKnown), "");
  EXPECT_EQ(did_you_mean(std::string(100000, 'x'), kKnown), "");
  EXPECT_EQ(nearest_name("", {}), "");
}

}  // namespace
}  // namespace albicilla
