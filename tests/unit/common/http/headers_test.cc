#include "common/http/headers.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Headers, FindNamesWithoutCaseAndKeepOrderAndDuplicates) {
  Headers headers = {{"X-A", "1"}, {"Set-Cookie", "a"}, {"set-cookie", "b"}};
  EXPECT_EQ(find_header(headers, "x-a"), "1");
  EXPECT_EQ(find_header(headers, "SET-COOKIE"), "a");
  EXPECT_EQ(find_header(headers, "none"), std::nullopt);
  EXPECT_EQ(count_header(headers, "Set-Cookie"), 2U);
  remove_header(headers, "sEt-cOOkie");
  EXPECT_EQ(headers, (Headers{{"X-A", "1"}}));
}

}  // namespace
}  // namespace albicilla
