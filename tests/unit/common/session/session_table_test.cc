#include "common/session/session_table.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

ConversationKey key(std::uint64_t number) {
  ConversationKey key;
  std::memcpy(key.bytes.data(), &number, sizeof number);
  return key;
}

WallTime at(int seconds) { return WallTime(std::chrono::seconds(1'800'000'000 + seconds)); }

// An exchange that continues one state and reaches another; 0 stands for none.
ConversationHint exchange(std::uint64_t from, std::uint64_t to, std::uint64_t peer = 1,
                          std::uint32_t messages = 1) {
  ConversationHint hint;
  if (from != 0) hint.continues = {key(from)};
  if (to != 0) hint.reaches = {key(to)};
  hint.peer = peer;
  hint.messages = messages;
  return hint;
}

class SessionTableTest : public testing::Test {
 protected:
  // As the sink does it: choose, name a new one, note.
  std::string take(const ConversationHint& hint, int seconds = 0) {
    SessionChoice choice = table_.choose(hint, at(seconds));
    if (choice.id.empty()) choice.id = "s" + std::to_string(++next_);
    last_ = choice.match;
    table_.note(choice.id, hint, at(seconds));
    return choice.id;
  }

  SessionTable table_;
  SessionMatch last_ = SessionMatch::opened;
  int next_ = 0;
};

TEST_F(SessionTableTest, FollowsAConversationFromStateToState) {
  EXPECT_EQ(take(exchange(0, 1)), "s1");
  EXPECT_EQ(take(exchange(1, 2)), "s1");
  EXPECT_EQ(last_, SessionMatch::continued);
  EXPECT_EQ(take(exchange(2, 3)), "s1");
  EXPECT_EQ(take(exchange(99, 100)), "s2");
  EXPECT_EQ(last_, SessionMatch::missed);
}

TEST_F(SessionTableTest, KeepsEqualOpenersApart) {
  EXPECT_EQ(take(exchange(0, 1, 1)), "s1");
  EXPECT_EQ(take(exchange(0, 1, 2)), "s2");
  EXPECT_EQ(take(exchange(0, 1, 1)), "s3");
  EXPECT_EQ(take(exchange(1, 20, 2)), "s2") << "its own sender's first";
  EXPECT_EQ(take(exchange(1, 30, 1)), "s3") << "the latest that still stands there";
  EXPECT_EQ(take(exchange(1, 10, 1)), "s1");
  EXPECT_EQ(take(exchange(20, 21, 2)), "s2");
}

TEST_F(SessionTableTest, TakesAnEditForABranchOfItsOwnSendersSession) {
  take(exchange(0, 1));
  take(exchange(1, 2));
  EXPECT_EQ(take(exchange(1, 3)), "s1");
  EXPECT_EQ(take(exchange(1, 4, 2)), "s2") << "another sender's is another conversation";
}

TEST_F(SessionTableTest, JoinsAnExchangeThatComesBehindItsSuccessor) {
  EXPECT_EQ(take(exchange(1, 2, 1, 3)), "s1");
  EXPECT_EQ(take(exchange(0, 1, 1, 1)), "s1");
  EXPECT_EQ(last_, SessionMatch::awaited);
  EXPECT_EQ(take(exchange(2, 3, 1, 5)), "s1");
}

TEST_F(SessionTableTest, EndsASessionThatIsQuietForLong) {
  table_.set_limits({.ttl = std::chrono::seconds(60)});
  take(exchange(0, 1), 0);
  EXPECT_EQ(take(exchange(1, 2), 60), "s1");
  EXPECT_EQ(take(exchange(2, 3), 121), "s2");
  EXPECT_EQ(table_.expired(), 1U);
  EXPECT_EQ(table_.size(), 1U);
}

TEST_F(SessionTableTest, LetsTheSessionGoThatWasQuietForLongest) {
  table_.set_limits({.most_sessions = 2});
  take(exchange(0, 1));
  take(exchange(0, 11));
  take(exchange(1, 2));
  take(exchange(0, 21));
  EXPECT_EQ(table_.size(), 2U);
  EXPECT_EQ(take(exchange(2, 3)), "s1");
  EXPECT_EQ(take(exchange(11, 12)), "s4") << "s2 has gone";
}

TEST_F(SessionTableTest, FindsByLikenessOnlyWhenAskedAndNeverAfterAReset) {
  const auto text = [](const std::string& more) {
    HistorySketch sketch;
    for (int i = 0; i < 300; ++i) sketch.add("a long talk about " + std::to_string(i * 31337));
    sketch.add(more);
    return sketch;
  };
  ConversationHint first = exchange(0, 1, 1, 3);
  first.has_sketch = true;
  first.state = text("");
  ConversationHint changed = exchange(77, 78, 1, 9);
  changed.has_sketch = true;
  changed.history = changed.state = text("a small change");
  ConversationHint reset = changed;
  reset.resets = true;
  take(first);
  EXPECT_TRUE(table_.choose(changed, at(1)).id.empty());
  table_.set_limits({.fuzzy = true});
  EXPECT_EQ(table_.choose(changed, at(1)).id, "s1");
  EXPECT_EQ(table_.choose(changed, at(1)).match, SessionMatch::similar);
  EXPECT_TRUE(table_.choose(reset, at(1)).id.empty());
  EXPECT_TRUE(table_.choose(changed, at(1801)).id.empty()) << "only what was seen of late";
}

TEST_F(SessionTableTest, ComesBackFromItsBytes) {
  take(exchange(0, 1));
  take(exchange(5, 6, 1, 3));
  const std::string bytes = table_.encode();
  SessionTable other;
  ASSERT_TRUE(other.restore(bytes));
  EXPECT_EQ(other.encode(), bytes);
  EXPECT_EQ(other.choose(exchange(1, 2), at(1)).id, "s1");
  EXPECT_EQ(other.choose(exchange(0, 5), at(1)).id, "s2") << "it waits for that state";
  EXPECT_FALSE(other.restore(bytes.substr(0, bytes.size() - 1)));
  EXPECT_EQ(other.size(), 0U);
}

}  // namespace
}  // namespace albicilla
