#include "common/base/clock.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Clock, WritesTimeAsIso8601WithMicrosecondsAndZone) {
  EXPECT_EQ(iso8601(WallTime{Microseconds{0}}), "1970-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(iso8601(WallTime{Microseconds{1768298405000042}}), "2026-01-13T10:00:05.000042+00:00");
}

TEST(Clock, NamesTheUtcDay) {
  EXPECT_EQ(utc_day(WallTime{Microseconds{1768298405000042}}), "2026-01-13");
}

}  // namespace
}  // namespace albicilla
