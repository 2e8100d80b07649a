#include "common/session/session_sink.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(SessionSink, SpreadsNamedSessionsEvenly) {
  std::vector<int> counts(3);
  for (int i = 0; i < 3000; ++i) {
    ++counts[sink_of_session("session-" + std::to_string(i), SessionSource::header, 3)];
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(SessionSink, IsTheSameEverywhereAndAlways) {
  EXPECT_EQ(sink_of_session("s-1", SessionSource::header, 2),
            sink_of_session("s-1", SessionSource::x_session_id, 2));
  // Fixed for ever: an upgrade must not split a session.
  EXPECT_EQ(sink_of_session("s-1", SessionSource::header, 5), 2U);
}

TEST(SessionSink, SendsWhatNoHeaderNamesToTheFirst) {
  for (const SessionSource source :
       {SessionSource::none, SessionSource::body, SessionSource::bearer, SessionSource::anonymous,
        SessionSource::no_session}) {
    EXPECT_EQ(sink_of_session("some session", source, 7), 0U);
  }
  EXPECT_EQ(sink_of_session("some session", SessionSource::header, 1), 0U);
}

}  // namespace
}  // namespace albicilla
