// The index as a whole: log files in, answers to the page's questions out.
#include <condition_variable>
#include <fstream>
#include <functional>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "converter/reading/log_entry.h"
#include "converter/viewer/day_pool.h"
#include "converter/viewer/file_list.h"
#include "converter/viewer/indexer.h"
#include "converter/viewer/plots.h"
#include "converter/viewer/search.h"
#include "converter/viewer/session_list.h"
#include "converter/viewer/tail_reader.h"
#include "tests/bench/viewer/log_maker.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::viewer {
namespace {

using std::chrono::seconds;

WallTime at(const char* text) { return *parse_iso8601(text); }

std::string user(std::string_view text) {
  return R"({"role":"user","content":")" + std::string(text) + R"("})";
}
std::string assistant(std::string_view text) {
  return R"({"role":"assistant","content":")" + std::string(text) + R"("})";
}
std::string answer(std::string_view text) {
  return R"({"id":"r","model":"m","choices":[{"index":0,"message":)" + assistant(text) + "}]}";
}
std::string request(const std::vector<std::string>& messages) {
  std::string text = R"({"model":"m","messages":[)";
  for (std::size_t i = 0; i < messages.size(); ++i) text += (i > 0 ? "," : "") + messages[i];
  return text + "]}";
}

class IndexTest : public testing::Test {
 protected:
  void append(const std::string& session, const char* time,
              const std::vector<std::string>& messages, std::string_view said,
              const std::function<void(MadeLine&)>& change = {}) {
    MadeLine line;
    line.session = session;
    line.closed_at = at(time);
    line.request = request(messages);
    line.response = answer(said);
    if (change) change(line);
    log_.append(line);
  }

  std::unique_ptr<Indexer> open() {
    auto indexer = Indexer::open({root_.path(), index_.path()},
                                 {[this](std::vector<FreshExchange> fresh, bool) {
                                    const std::lock_guard lock(mutex_);
                                    for (auto& one : fresh) fresh_.push_back(std::move(one));
                                    changed_.notify_all();
                                  },
                                  [this](const std::string& day) { pool_.drop(day); }});
    EXPECT_TRUE(indexer) << indexer.error().message;
    return std::move(*indexer);
  }

  void index() {
    const Status status = open()->run_once();
    EXPECT_TRUE(status) << status.error().message;
  }

  // Until so many exchanges were heard of.
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(60), [&] { return fresh_.size() >= count; });
  }

  std::vector<std::string> sessions(const Filter& filter = {},
                                    SessionOrder order = SessionOrder::newest) {
    auto page = list_sessions(pool_, filter, order, "", 100);
    EXPECT_TRUE(page) << page.error().message;
    std::vector<std::string> names;
    for (const auto& row : page->rows) names.push_back(row.session.name);
    return names;
  }

  SessionDetail session(const std::string& name) {
    auto detail = find_session(pool_, name);
    EXPECT_TRUE(detail);
    return detail ? std::move(*detail) : SessionDetail{};
  }

  std::vector<SearchHit> search(const char* text, const Filter& filter = {}) {
    auto page = search_messages(pool_, root_.path(), parse_search(text), filter, "", 50);
    EXPECT_TRUE(page) << page.error().message;
    return std::move(page->hits);
  }

  tests::ScratchDirectory root_;
  tests::ScratchDirectory index_;
  LogMaker log_{root_.path()};
  DayPool pool_{index_.path()};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<FreshExchange> fresh_;
};

using Names = std::vector<std::string>;

TEST_F(IndexTest, ListsSessionsNewestFirstWithWhatTheyAreAbout) {
  append("old", "2026-01-13T08:00:00Z", {user("first things")}, "ok");
  append("new", "2026-01-13T09:00:00Z", {user("later things")}, "ok");
  index();
  EXPECT_EQ(sessions(), (Names{"new", "old"}));
  const SessionDetail old = session("old");
  EXPECT_EQ(old.row.session.opening, "first things");
  EXPECT_EQ(old.row.session.turns, 1);
  EXPECT_EQ(old.row.session.input_tokens, 10);
  ASSERT_EQ(old.exchanges.size(), 1U);
  EXPECT_EQ(old.exchanges[0].ref(), "2026-01-13/old.jsonl:1");
}

TEST_F(IndexTest, JoinsASessionThatRunsOverMidnight) {
  append("s", "2026-01-13T23:59:00Z", {user("a")}, "b");
  append("s", "2026-01-14T00:01:00Z", {user("a"), assistant("b"), user("c")}, "d");
  append("t", "2026-01-13T23:59:30Z", {user("x")}, "y");
  index();
  EXPECT_EQ(sessions(), (Names{"s", "t"}));
  const SessionDetail joined = session("s");
  EXPECT_EQ(joined.row.session.exchanges, 2);
  EXPECT_EQ(joined.row.days, (Names{"2026-01-14", "2026-01-13"}));
  EXPECT_EQ(joined.row.session.opening, "a");
  ASSERT_EQ(joined.exchanges.size(), 2U);
  EXPECT_LT(joined.exchanges[0].started_at, joined.exchanges[1].started_at);
}

TEST_F(IndexTest, GivesPagesThatNeitherRepeatNorSkip) {
  for (int i = 0; i < 25; ++i) {
    append("s" + std::to_string(i), i % 2 == 0 ? "2026-01-13T08:00:00Z" : "2026-01-14T08:00:00Z",
           {user("x")}, "y");
  }
  index();
  Names all;
  std::string cursor;
  do {
    auto page = list_sessions(pool_, {}, SessionOrder::newest, cursor, 7);
    ASSERT_TRUE(page);
    for (const auto& row : page->rows) all.push_back(row.session.name);
    cursor = page->next;
  } while (!cursor.empty());
  EXPECT_EQ(all.size(), 25U);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 25U);
  EXPECT_FALSE(list_sessions(pool_, {}, SessionOrder::newest, "bad", 7));
}

TEST_F(IndexTest, Filters) {
  append("plain", "2026-01-13T08:00:00Z", {user("x")}, "y");
  append("bad", "2026-01-13T09:00:00Z", {user("100% sure_")}, "y", [](MadeLine& line) {
    line.status = 500;
    line.model = "other";
    line.user = "ann";
  });
  index();
  Filter filter;
  filter.failed = true;
  EXPECT_EQ(sessions(filter), Names{"bad"});
  filter = {};
  filter.model = "m";
  EXPECT_EQ(sessions(filter), Names{"plain"});
  filter = {};
  filter.user = "ann";
  EXPECT_EQ(sessions(filter), Names{"bad"});
  filter = {};
  filter.text = "100% SURE_";
  EXPECT_EQ(sessions(filter), Names{"bad"});
  filter.text = "100_";
  EXPECT_EQ(sessions(filter), Names{});
  filter = {};
  filter.since = micros(at("2026-01-13T08:30:00Z"));
  EXPECT_EQ(sessions(filter), Names{"bad"});
}

TEST_F(IndexTest, KnowsHowRequestsHangTogether) {
  const auto turn1 = {user("a")};
  append("s", "2026-01-13T08:00:00Z", turn1, "", [](MadeLine& line) { line.status = 500; });
  append("s", "2026-01-13T08:01:00Z", turn1, "b");
  append("s", "2026-01-13T08:02:00Z", {user("a"), assistant("b"), user("c")}, "d");
  append("s", "2026-01-13T08:03:00Z", {user("a"), assistant("b"), user("edited")}, "e");
  append("s", "2026-01-13T08:04:00Z", {user("something else")}, "f");
  index();
  const SessionDetail detail = session("s");
  ASSERT_EQ(detail.exchanges.size(), 5U);
  std::vector<std::pair<std::string, std::int64_t>> edges;
  for (const ExchangeRow& row : detail.exchanges) {
    edges.emplace_back(to_string(row.edge), row.previous_line);
  }
  const std::vector<std::pair<std::string, std::int64_t>> expected = {
      {"start", 0}, {"retry", 1}, {"continuation", 2}, {"edit_fork", 2}, {"start", 0}};
  EXPECT_EQ(edges, expected);
  EXPECT_EQ(detail.row.session.forks, 1);
  EXPECT_EQ(detail.row.session.retries, 1);
}

TEST_F(IndexTest, KnowsTheSameEdgesWhenLinesComeOneByOne) {
  auto indexer = open();
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b");
  ASSERT_TRUE(indexer->run_once());
  append("s", "2026-01-13T08:02:00Z", {user("a"), assistant("b"), user("c")}, "d");
  ASSERT_TRUE(indexer->run_once());
  append("s", "2026-01-13T08:03:00Z", {user("a"), assistant("b"), user("edited")}, "e");
  ASSERT_TRUE(indexer->run_once());
  const SessionDetail detail = session("s");
  ASSERT_EQ(detail.exchanges.size(), 3U);
  EXPECT_EQ(detail.exchanges[1].edge, Edge::continuation);
  EXPECT_EQ(detail.exchanges[2].edge, Edge::edit_fork);
  EXPECT_EQ(detail.exchanges[2].previous_line, 1);
}

TEST_F(IndexTest, FindsThreadsThatAreContinuedByResponseId) {
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b", [](MadeLine& line) {
    line.dialect = "openai_responses";
    line.request = R"({"input":"a"})";
    line.response = R"({"id":"resp_1","output":[]})";
  });
  append("s", "2026-01-13T08:02:00Z", {user("c")}, "d", [](MadeLine& line) {
    line.dialect = "openai_responses";
    line.request = R"({"input":"c","previous_response_id":"resp_1"})";
  });
  index();
  EXPECT_EQ(session("s").exchanges[1].previous_line, 1);
}

TEST_F(IndexTest, SearchesWhatWasSaidOnceHoweverOftenItWasSent) {
  append("s", "2026-01-13T08:01:00Z", {user("the quick fox")}, "slow snail");
  append("s", "2026-01-13T08:02:00Z",
         {user("the quick fox"), assistant("slow snail"), user("and now")}, "done");
  append("t", "2026-01-13T08:03:00Z", {user("the quick fox")}, "again");
  index();
  const auto hits = search("quick");
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].exchange.ref(), "2026-01-13/s.jsonl:1");
  EXPECT_EQ(hits[0].other_sessions, 1);
  EXPECT_EQ(hits[0].role, Role::user);
  const auto snails = search("snail");
  ASSERT_EQ(snails.size(), 1U);
  EXPECT_TRUE(snails[0].answered);
  EXPECT_EQ(search("\"quick fox\"").size(), 1U);
  EXPECT_EQ(search("\"fox quick\"").size(), 0U);
  EXPECT_EQ(search("role:assistant quick").size(), 0U);
  Filter other;
  other.session = "t";
  const auto in_other = search("quick", other);
  ASSERT_EQ(in_other.size(), 1U);
  EXPECT_EQ(in_other[0].exchange.session, "t");
}

TEST_F(IndexTest, FollowsALogThatGrows) {
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b");
  auto indexer = open();
  indexer->start();
  ASSERT_TRUE(wait_for(1));
  append("s", "2026-01-13T08:02:00Z", {user("a"), assistant("b"), user("c")}, "d");
  ASSERT_TRUE(wait_for(2));
  EXPECT_EQ(fresh_[1].edge, Edge::continuation);
  append("other", "2026-01-14T08:02:00Z", {user("x")}, "d");
  ASSERT_TRUE(wait_for(3));
  append("other", "2026-01-14T08:03:00Z", {user("y")}, "d");
  ASSERT_TRUE(wait_for(4));
  indexer->stop();
  EXPECT_EQ(sessions(), (Names{"other", "s"}));
}

TEST_F(IndexTest, FollowsAFileThatGrowsByMoreThanATurnTakes) {
  append("s", "2026-01-13T08:01:00Z", {user("first")}, "b");
  auto indexer = open();
  indexer->start();
  ASSERT_TRUE(wait_for(1));
  constexpr int kLines = 100;
  const std::string filler(30'000, '.');
  for (int i = 0; i < kLines; ++i) {
    append("s", "2026-01-13T08:02:00Z", {user(filler + " number" + std::to_string(i))}, "d");
  }
  ASSERT_TRUE(wait_for(1 + kLines));
  indexer->stop();
  EXPECT_EQ(fresh_.size(), 1U + kLines);
  EXPECT_EQ(session("s").row.session.exchanges, 1 + kLines);
  EXPECT_EQ(search("number99").size(), 1U);
}

TEST_F(IndexTest, TakesUpWhereItStoppedAndReadsNothingTwice) {
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b");
  index();
  fresh_.clear();
  append("s", "2026-01-13T08:02:00Z", {user("a"), assistant("b"), user("c")}, "d");
  index();
  EXPECT_EQ(fresh_.size(), 1U);
  EXPECT_EQ(session("s").row.session.exchanges, 2);
  EXPECT_EQ(search("a").size(), 1U);
}

TEST_F(IndexTest, ForgetsWhatWasErasedFromTheLog) {
  append("s", "2026-01-13T08:01:00Z", {user("secret")}, "b");
  append("t", "2026-01-13T08:01:00Z", {user("public")}, "b");
  index();
  ASSERT_EQ(search("secret").size(), 1U);
  std::filesystem::remove(root_.path() + "/2026-01-13/s.jsonl");
  index();
  EXPECT_EQ(search("secret").size(), 0U);
  EXPECT_EQ(sessions(), Names{"t"});
  std::filesystem::remove_all(root_.path() + "/2026-01-13");
  index();
  EXPECT_EQ(sessions(), Names{});
  EXPECT_TRUE(pool_.days().empty());
}

TEST_F(IndexTest, ShowsTheStateOfEveryFile) {
  append("good", "2026-01-13T08:01:00Z", {user("a")}, "b");
  append("bad", "2026-01-13T08:01:00Z", {user("a")}, "b");
  append("bad", "2026-01-13T08:02:00Z", {user("c")}, "d");
  const std::string path = root_.path() + "/2026-01-13/bad.jsonl";
  std::string text = tests::bytes_of_file(path);
  text.replace(text.find("\"a\""), 3, "\"x\"");
  tests::write_whole_file(path, text + "not json\n");
  index();
  auto totals = count_files(pool_);
  ASSERT_TRUE(totals);
  ASSERT_EQ(totals->size(), 1U);
  EXPECT_EQ((*totals)[0].files, 2);
  EXPECT_EQ((*totals)[0].broken, 1);
  EXPECT_EQ((*totals)[0].unreadable_lines, 1);
  auto files = list_files(pool_, "2026-01-13", 0, 10, false);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].name, "2026-01-13/bad.jsonl");
  EXPECT_EQ((*files)[0].broken_line, 1U);
  EXPECT_EQ((*files)[0].unreadable_line, 3U);
  auto verified = verify_file(root_.path(), "2026-01-13/good.jsonl", nullptr);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->file.chain, ChainState::sound);
  EXPECT_EQ(verified->file.lines, 1U);
}

TEST_F(IndexTest, KnowsTheLatestWordsAlsoWhenTheSystemPromptStandsBehindThem) {
  append("s", "2026-01-13T08:01:00Z", {}, "b", [](MadeLine& line) {
    line.request = R"({"messages":[)" + user("the question") + R"(],"system":"be brief"})";
  });
  index();
  const auto rows = newest_exchanges(pool_, {}, 10);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].latest, "the question");
}

TEST_F(IndexTest, CountsAGapThatWasFoundAgainAsNoLoss) {
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b");
  tests::write_whole_file(
      root_.path() + "/2026-01-13/.gaps.jsonl",
      R"({"timestamp":"2026-01-13T08:02:00+00:00","gap":{"producer":"ab","from":3,"to":3,)"
      R"("exchanges":0,"cause":"found again"}})"
      "\n");
  index();
  EXPECT_EQ((*count_files(pool_))[0].gaps, 0);
  const auto gaps = list_gaps(pool_, "2026-01-13");
  ASSERT_TRUE(gaps);
  ASSERT_EQ(gaps->size(), 1U);
  EXPECT_EQ((*gaps)[0].gap.cause, "found again");
}

TEST_F(IndexTest, ListsTheGapsThatTheSinkNames) {
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b");
  tests::write_whole_file(
      root_.path() + "/2026-01-13/.gaps.jsonl",
      R"({"timestamp":"2026-01-13T08:02:00+00:00","gap":{"producer":"ab","from":3,"to":5}})"
      "\n");
  index();
  auto gaps = list_gaps(pool_, "2026-01-13");
  ASSERT_TRUE(gaps);
  ASSERT_EQ(gaps->size(), 1U);
  EXPECT_EQ((*gaps)[0].gap.producer, "ab");
  EXPECT_EQ((*gaps)[0].gap.from, 3);
  EXPECT_EQ((*gaps)[0].gap.to, 5);
  EXPECT_EQ((*count_files(pool_))[0].gaps, 1);
  tests::write_whole_file(root_.path() + "/2026-01-13/.quarantine.jsonl", "{}\n{}\n");
  index();
  EXPECT_EQ((*count_files(pool_))[0].quarantined, 2);
  EXPECT_EQ(sessions(), Names{"s"});
}

TEST_F(IndexTest, AddsUpOverTime) {
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b");
  append("s", "2026-01-13T09:31:00Z", {user("c")}, "d", [](MadeLine& line) { line.status = 429; });
  index();
  auto histogram = make_histogram(pool_, {}, 100);
  ASSERT_TRUE(histogram);
  EXPECT_EQ(histogram->total.exchanges, 2);
  EXPECT_EQ(histogram->total.failed, 1);
  EXPECT_EQ(histogram->sessions, 1);
  EXPECT_EQ(histogram->axis.width, 60000000);
  EXPECT_EQ(histogram->buckets.size(), 91U);
  Filter failed;
  failed.failed = true;
  auto narrow = make_histogram(pool_, failed, 100);
  ASSERT_TRUE(narrow);
  EXPECT_EQ(narrow->total.exchanges, 1);
  auto plots = make_plots(pool_, {}, 10);
  ASSERT_TRUE(plots);
  EXPECT_EQ(plots->buckets.size(), 10U);
  EXPECT_EQ(plots->models.at("m").output_tokens, 10);
  EXPECT_EQ(plots->statuses.at(429), 1);
  const auto p50 = plots->durations[0].quantile(0.5);
  ASSERT_TRUE(p50);
  EXPECT_NEAR(static_cast<double>(*p50), 1e6, 6e4);
}

TEST_F(IndexTest, IsRefusedToASecondViewer) {
  auto first = open();
  const auto second = Indexer::open({root_.path(), index_.path()}, {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("--index-dir"), std::string::npos);
}

TEST_F(IndexTest, IsMadeAnewWhenItIsNoDatabaseOfOurs) {
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b");
  tests::write_whole_file(index_.path() + "/2026-01-13.db", "this is no database");
  index();
  EXPECT_EQ(sessions(), Names{"s"});
}

TEST_F(IndexTest, FindsAnExchangeByItsPlaceAndByItsId) {
  append("s", "2026-01-13T08:01:00Z", {user("a")}, "b",
         [](MadeLine& line) { line.id = "0190c0de-0000-7000-8000-000000000001"; });
  index();
  EXPECT_TRUE(find_exchange(pool_, "2026-01-13/s.jsonl", 1));
  EXPECT_FALSE(find_exchange(pool_, "2026-01-13/s.jsonl", 2));
  EXPECT_FALSE(find_exchange(pool_, "2026-01-15/s.jsonl", 1));
  const auto found = find_exchange_by_id(pool_, "0190c0de-0000-7000-8000-000000000001");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->session, "s");
  const auto bytes =
      read_log_bytes(root_.path() + "/" + found->file, static_cast<std::uint64_t>(found->offset),
                     static_cast<std::uint64_t>(found->bytes));
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->starts_with("{\"timestamp\"") && bytes->ends_with("}}"));
}

// More days than are kept open, each large enough for a thread of its own.
TEST_F(IndexTest, IsWholeWhenTheEndOfADayIsWrittenBesideTheNext) {
  Invention wish;
  wish.sessions = 800;
  wish.days = 5;
  wish.last_day = "2026-01-13";
  const std::uint64_t bytes = invent_log(root_.path(), wish);
  {
    const auto indexer = open();
    ASSERT_TRUE(indexer->run_once());
    EXPECT_EQ(indexer->state().indexed_bytes, bytes);
    EXPECT_EQ(indexer->state().pending_bytes, 0U);
  }
  EXPECT_EQ(pool_.days().size(), 5U);
  std::size_t listed = 0;
  std::string cursor;
  do {
    const auto page = list_sessions(pool_, {}, SessionOrder::tokens, cursor, 300);
    ASSERT_TRUE(page);
    listed += page->rows.size();
    cursor = page->next;
  } while (!cursor.empty());
  EXPECT_EQ(listed, wish.sessions);
  const auto again = open();
  ASSERT_TRUE(again->run_once());
  EXPECT_EQ(again->state().indexed_bytes, 0U);
}

}  // namespace
}  // namespace albicilla::viewer
