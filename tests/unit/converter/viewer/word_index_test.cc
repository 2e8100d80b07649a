// Segments that we write and those that FTS5 writes of the same messages: the same bytes, the same
// answers, and FTS5's own check finds nothing.
#include "converter/viewer/word_index.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "converter/viewer/day_schema.h"
#include "converter/viewer/varint.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::viewer {
namespace {

using Rows = std::map<std::string, std::string>;

// A day's database with messages of given texts; numbers of messages count from 1.
class Day {
 public:
  explicit Day(const char* name) : name_(name) {
    auto opened = open_day_for_writing(directory_.path(), name_, "boot");
    EXPECT_TRUE(opened);
    database_ = std::make_unique<Database>(std::move(*opened));
  }

  void run(const std::string& sql) {
    const Status status = database_->run(sql);
    EXPECT_TRUE(status) << status.error().message;
  }

  void insert_by_fts5(const std::vector<std::string>& texts) {
    run("BEGIN");
    auto insert = database_->prepare("INSERT INTO words(rowid, text) VALUES(?, ?)");
    ASSERT_TRUE(insert);
    std::int64_t number = 0;
    for (const std::string& text : texts) {
      EXPECT_TRUE(insert->bind(1, ++number).bind(2, std::string_view(text)).run());
    }
    run("COMMIT");
  }

  // In commits of so many messages; merges when it is wished for.
  void insert_by_index(const std::vector<std::string>& texts, std::size_t in_a_commit) {
    WordIndex index;
    ASSERT_TRUE(index.prepare(*database_));
    std::int64_t number = 0;
    for (std::size_t begin = 0; begin < texts.size(); begin += in_a_commit) {
      run("BEGIN");
      SaidWords said({1, 2});
      std::vector<WordSpan> spans;
      const std::size_t end = std::min(texts.size(), begin + in_a_commit);
      for (std::size_t i = begin; i < end; ++i) spans.push_back(said.add(texts[i]));
      index.begin_batch(said);
      for (const WordSpan span : spans) EXPECT_TRUE(index.add(++number, span));
      EXPECT_TRUE(index.write());
      run("COMMIT");
      if (!index.wants_merge()) continue;
      const Status merged = merge_words(day_path(directory_.path(), name_));
      EXPECT_TRUE(merged) << merged.error().message;
    }
  }

  Rows rows(const char* sql) {
    Rows rows;
    auto select = database_->prepare(sql);
    EXPECT_TRUE(select);
    while (select->step().value_or(false)) {
      rows[std::string(select->text(0))] = select->blob(1);
    }
    return rows;
  }

  std::vector<std::int64_t> find(const char* match, const char* order = "DESC") {
    auto open = open_day_for_reading(directory_.path(), name_);
    EXPECT_TRUE(open);
    auto select = open->prepare(std::string("SELECT rowid FROM words WHERE words MATCH ? AND "
                                            "rowid<1000000 ORDER BY rowid ") +
                                order);
    EXPECT_TRUE(select);
    select->bind(1, std::string_view(match));
    std::vector<std::int64_t> found;
    while (select->step().value_or(false)) found.push_back(select->integer(0));
    return found;
  }

  std::size_t segments() {
    std::set<std::string> ids;
    for (const auto& [id, block] : rows("SELECT id>>37, '' FROM words_data WHERE id>10")) {
      ids.insert(id);
    }
    return ids.size();
  }

  void check() { run("INSERT INTO words(words) VALUES('integrity-check')"); }

 private:
  tests::ScratchDirectory directory_;
  std::string name_;
  std::unique_ptr<Database> database_;
};

// Words of every length and frequency: "common" is in all messages, others in one.
std::vector<std::string> some_texts(std::size_t count) {
  std::mt19937 random(7);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = "common";
    if (i % 3 != 0) text += " often";
    for (std::size_t words = random() % 12; words > 0; --words) {
      std::string word(1 + random() % 20, 'a');
      for (char& c : word) c = static_cast<char>('a' + random() % (random() % 2 == 0 ? 3 : 26));
      text += " " + word + (random() % 40 == 0 ? " \xe4\xbd\xa0\xc3\xa4" : "");
    }
    texts.push_back(text + " " + std::to_string(i));
  }
  return texts;
}

TEST(WordIndex, WritesTheBytesThatFts5WouldWrite) {
  // Lists within a page, over some, and over so many that they have a page of their own.
  auto long_lists = some_texts(5);
  for (int i = 0; i < 45000; ++i) long_lists.push_back(i % 9 == 0 ? "common seldom" : "common");
  for (const auto& texts : {some_texts(1), some_texts(300), long_lists}) {
    Day ours("2026-01-13");
    Day theirs("2026-01-14");
    theirs.run("INSERT INTO words(words, rank) VALUES('hashsize', 1000000000)");
    ours.run("INSERT INTO words(words, rank) VALUES('hashsize', 1000000000)");
    ours.insert_by_index(texts, texts.size());
    theirs.insert_by_fts5(texts);
    const char* data = "SELECT id, block FROM words_data WHERE id>1";
    const Rows written = ours.rows(data);
    EXPECT_EQ(written.size(), theirs.rows(data).size());
    EXPECT_TRUE(written == theirs.rows(data)) << texts.size() << " messages";
    const char* index = "SELECT pgno, term FROM words_idx";
    EXPECT_TRUE(ours.rows(index) == theirs.rows(index)) << texts.size() << " messages";
    const char* pages_of_lists = "SELECT id, '' FROM words_data WHERE (id>>36)&1=1";
    EXPECT_EQ(ours.rows(pages_of_lists).empty(), texts.size() < 1000);
    ours.check();
  }
}

TEST(WordIndex, AnswersAsFts5DoesWhenItsSegmentsAreMergedOnTheWay) {
  const auto texts = some_texts(600);
  Day ours("2026-01-13");
  Day theirs("2026-01-14");
  ours.insert_by_index(texts, 2);
  theirs.insert_by_fts5(texts);
  ours.check();
  EXPECT_LT(ours.segments(), 2 * kMostWordSegments);
  EXPECT_EQ(ours.find("common").size(), texts.size());
  for (const char* match : {"common", "often", "\"common\" AND \"17\"", "a *", "ab *", "17",
                            "nowhere", "\"often\" AND a *", "\xe4\xbd\xa0"}) {
    EXPECT_EQ(ours.find(match), theirs.find(match)) << match;
    EXPECT_EQ(ours.find(match, "ASC"), theirs.find(match, "ASC")) << match;
  }
}

TEST(WordIndex, WritesNothingBesideAListThatItCannotRead) {
  for (const char* list : {"x'00000000ff'", "x'000000000102'", "x'0000000001010001'"}) {
    tests::ScratchDirectory directory;
    auto database = open_day_for_writing(directory.path(), "2026-01-13", "boot");
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run(std::string("UPDATE words_data SET block=") + list + " WHERE id=10"));
    WordIndex index;
    ASSERT_TRUE(index.prepare(*database));
    SaidWords said({1, 2});
    const WordSpan span = said.add("word");
    index.begin_batch(said);
    ASSERT_TRUE(index.add(1, span));
    EXPECT_FALSE(index.write()) << list;
  }
}

TEST(Varint, GivesBackWhatWasPut) {
  for (const std::uint64_t number : {0ULL, 1ULL, 127ULL, 128ULL, 16383ULL, 16384ULL, 0xffffffffULL,
                                     (1ULL << 56) - 1, 1ULL << 56, 0xffffffffffffffffULL}) {
    std::string bytes;
    put_varint(bytes, number);
    std::string_view rest = bytes;
    EXPECT_EQ(take_varint(rest), number);
    EXPECT_TRUE(rest.empty());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      std::string_view part = std::string_view(bytes).substr(0, cut);
      EXPECT_EQ(take_varint(part), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace albicilla::viewer
