#include "converter/viewer/filter.h"

#include <map>

#include <gtest/gtest.h>

namespace albicilla::viewer {
namespace {

Result<Filter> parsed(const std::map<std::string, std::string>& query) {
  return parse_filter([&](std::string_view name) {
    const auto found = query.find(std::string(name));
    return found == query.end() ? std::string() : found->second;
  });
}

TEST(Filter, ReadsTheQueryOfAUrl) {
  const auto filter = parsed({{"since", "2026-01-13"},
                              {"until", "2026-01-13T12:30"},
                              {"model", "m"},
                              {"status", "failed"},
                              {"min_turns", "3"},
                              {"tools", "1"}});
  ASSERT_TRUE(filter);
  EXPECT_EQ(*filter->until - *filter->since, (12 * 60 + 30) * std::int64_t{60000000});
  EXPECT_EQ(filter->failed, true);
  EXPECT_EQ(filter->min_turns, 3);
  EXPECT_TRUE(filter->has_tools);
  EXPECT_FALSE(filter->is_time_only());
}

TEST(Filter, RefusesWhatItCannotRead) {
  EXPECT_FALSE(parsed({{"since", "soon"}}));
  EXPECT_FALSE(parsed({{"status", "maybe"}}));
  EXPECT_FALSE(parsed({{"min_turns", "many"}}));
  EXPECT_FALSE(parsed({{"text", std::string(2000, 'x')}}));
}

TEST(Filter, LooksOnlyIntoDaysThatMayHoldSomething) {
  const auto filter = parsed({{"since", "2026-01-13"}, {"until", "2026-01-14"}});
  ASSERT_TRUE(filter);
  EXPECT_FALSE(filter->covers_day("2026-01-11"));
  EXPECT_TRUE(filter->covers_day("2026-01-12"));
  EXPECT_TRUE(filter->covers_day("2026-01-13"));
  EXPECT_TRUE(filter->covers_day("2026-01-14"));
  EXPECT_FALSE(filter->covers_day("2026-01-16"));
  EXPECT_TRUE(Filter{}.covers_day("2026-01-13"));
}

TEST(Filter, HasAnEqualCommandLine) {
  const auto filter =
      parsed({{"since", "2026-01-13"}, {"model", "m 1"}, {"status", "ok"}, {"tools", "1"}});
  ASSERT_TRUE(filter);
  EXPECT_EQ(converter_arguments(*filter),
            (std::vector<std::string>{"--since", "2026-01-13T00:00:00.000000+00:00", "--model",
                                      "m 1", "--status", "ok", "--has-tools"}));
}

}  // namespace
}  // namespace albicilla::viewer
