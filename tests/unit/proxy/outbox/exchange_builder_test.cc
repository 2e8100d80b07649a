#include "proxy/outbox/exchange_builder.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "common/io/entry.h"

namespace albicilla {
namespace {

struct Entry {
  EntryType type;
  std::string payload;
};

Entry payload_of(EntryType type, const std::string& frame) {
  return {type, std::string(parse_entry(frame).entry.payload)};
}

const ExchangeId kId = id_from_bytes<ExchangeId>("exchange-id-0001").value();

Entry opened() {
  OpenedFacts facts;
  facts.id = kId;
  facts.method = "POST";
  std::string frame;
  append_opened(frame, facts);
  return payload_of(EntryType::opened, frame);
}

Entry closed() {
  ClosedFacts facts;
  facts.id = kId;
  facts.seq = Seq{4};
  std::string frame;
  append_closed(frame, facts);
  return payload_of(EntryType::closed, frame);
}

Entry part(Direction direction, std::uint32_t number, std::string_view bytes) {
  std::string frame;
  append_part(frame, {kId, direction, number, Microseconds(100 + number)}, bytes);
  return payload_of(EntryType::part, frame);
}

Result<ExchangeFacts> build(const std::vector<Entry>& entries) {
  ExchangeBuilder builder;
  for (const Entry& entry : entries) EXPECT_TRUE(builder.add(entry.type, entry.payload));
  return builder.finish(ProducerId{});
}

TEST(ExchangeBuilder, GivesTheSameExchangeInWhateverOrderItsEntriesCome) {
  std::vector<Entry> entries = {opened(), part(Direction::request, 0, "ask"),
                                part(Direction::response, 0, "an"),
                                part(Direction::response, 1, "swer"), closed()};
  std::vector<int> order = {0, 1, 2, 3, 4};
  do {
    std::vector<Entry> shuffled;
    for (const int i : order) shuffled.push_back(entries[static_cast<std::size_t>(i)]);
    const auto facts = build(shuffled);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->request_body, "ask");
    EXPECT_EQ(facts->response_body, "answer");
    EXPECT_EQ(facts->answer_chunks,
              (std::vector<AnswerChunk>{{Microseconds(100), 2}, {Microseconds(101), 4}}));
    EXPECT_EQ(facts->opened.method, "POST");
    EXPECT_EQ(facts->closed.seq, Seq{4});
    EXPECT_FALSE(facts->closed.response_truncated);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(ExchangeBuilder, CountsACopiedEntryOnce) {
  const auto facts = build({opened(), part(Direction::response, 0, "a"), opened(),
                            part(Direction::response, 1, "b"), part(Direction::response, 0, "a"),
                            part(Direction::response, 1, "b"), closed(), closed()});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->response_body, "ab");
}

TEST(ExchangeBuilder, MarksABodyWithAMissingPartAsCut) {
  const auto facts = build({opened(), part(Direction::request, 1, "lost its head"),
                            part(Direction::response, 0, "kept"),
                            part(Direction::response, 2, "behind the hole"), closed()});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->request_body, "");
  EXPECT_EQ(facts->response_body, "kept");
  EXPECT_TRUE(facts->closed.request_truncated);
  EXPECT_TRUE(facts->closed.response_truncated);
  EXPECT_EQ(facts->closed.error, "spool: a part of the body is missing");
}

TEST(ExchangeBuilder, WantsBothEnds) {
  EXPECT_FALSE(build({opened()}));
  EXPECT_FALSE(build({closed()}));
}

TEST(ExchangeBuilder, KnowsWhenTheAnswerBeganAndLastMoved) {
  ExchangeBuilder builder;
  for (const Entry& entry :
       {opened(), part(Direction::request, 0, "q"), part(Direction::response, 3, "late"),
        part(Direction::response, 1, "early")}) {
    EXPECT_TRUE(builder.add(entry.type, entry.payload));
  }
  EXPECT_EQ(builder.first_answer_at(), Microseconds(101));
  EXPECT_EQ(builder.last_part_at(), Microseconds(103));
}

TEST(ExchangeBuilder, RefusesWhatBelongsToNoExchange) {
  ExchangeBuilder builder;
  EXPECT_FALSE(builder.add(EntryType::generation, ""));
  EXPECT_FALSE(builder.add(EntryType::opened, "not a payload"));
  EXPECT_FALSE(builder.add(static_cast<EntryType>(99), ""));
}

}  // namespace
}  // namespace albicilla
