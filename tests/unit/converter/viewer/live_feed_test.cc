#include "converter/viewer/live_feed.h"

#include <thread>

#include <gtest/gtest.h>

namespace albicilla::viewer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(LiveFeed, GivesWhatIsNewer) {
  LiveFeed feed;
  feed.publish({"a", "b"});
  const auto news = feed.wait(1, milliseconds(0));
  ASSERT_EQ(news.items.size(), 1U);
  EXPECT_EQ(news.items[0]->json, "b");
  EXPECT_EQ(news.items[0]->number, 2U);
  EXPECT_EQ(news.missed, 0U);
  EXPECT_TRUE(feed.wait(2, milliseconds(0)).items.empty());
}

TEST(LiveFeed, WakesWhoWaits) {
  LiveFeed feed;
  std::thread publisher([&] { feed.publish({"a"}); });
  const auto news = feed.wait(0, seconds(10));
  publisher.join();
  EXPECT_EQ(news.items.size(), 1U);
}

TEST(LiveFeed, TellsTheSlowHowManyTheyMissed) {
  LiveFeed feed;
  feed.publish(std::vector<std::string>(LiveFeed::kMostItems + 5, "x"));
  const auto news = feed.wait(0, milliseconds(0));
  EXPECT_EQ(news.items.size(), LiveFeed::kMostItems);
  EXPECT_EQ(news.missed, 5U);
}

TEST(LiveFeed, EndsAllWaitsWhenItCloses) {
  LiveFeed feed;
  std::thread closer([&] { feed.close(); });
  EXPECT_TRUE(feed.wait(0, seconds(10)).closed);
  closer.join();
}

}  // namespace
}  // namespace albicilla::viewer
