#include "proxy/descriptor_table.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

// As the kernel has it now (proc(5), status).
std::size_t table_size() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "FDSize:") continue;
    std::size_t size = 0;
    status >> size;
    return size;
  }
  return 0;
}

TEST(DescriptorTable, IsAsLargeAsWillBeNeededAndTheLimitIsRaised) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GE(limit.rlim_max, 1024U);
  limit.rlim_cur = 512;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(prepare_descriptors(STDOUT_FILENO, 1000), limit.rlim_max);
  EXPECT_GE(table_size(), 1000U);
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

TEST(DescriptorTable, OfMoreThanTheLimitIsAsLargeAsTheLimit) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(prepare_descriptors(STDOUT_FILENO, std::size_t{1} << 30), limit.rlim_max);
}

}  // namespace
}  // namespace albicilla
