// What a line says of an answer as it came.
#include "proxy/outbox/answer_chunks.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

ExchangeFacts streamed() {
  ExchangeFacts facts;
  facts.closed.status = 200;
  facts.closed.streaming = true;
  facts.response_body = "data: \xC3\xA4\n\n[DONE]";
  facts.answer_chunks = {
      {Microseconds(1500), 7}, {Microseconds(20'042), 3}, {Microseconds(21'000), 6}};
  return facts;
}

std::string written(const ExchangeFacts& facts, std::uint64_t most,
                    ChunkContent content = ChunkContent::bytes) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  write_answer_chunks(writer, facts, most, content);
  writer.end_object();
  return out;
}

TEST(AnswerChunks, SayEachChunkWithItsTimeAlsoWhereACharacterIsCut) {
  EXPECT_EQ(
      written(streamed(), 9),
      R"({"wire":[[1.5,{"base64":"ZGF0YTogww=="}],[20.042,{"base64":"pAoK"}],[21,"[DONE]"]]})");
}

TEST(AnswerChunks, EndWhereNoMoreAreWantedOrWereCaptured) {
  ExchangeFacts facts = streamed();
  EXPECT_EQ(written(facts, 0), "{}");
  EXPECT_EQ(written(facts, 1), R"({"wire":[[1.5,{"base64":"ZGF0YTogww=="}]]})");
  facts.response_body.resize(6);
  facts.answer_chunks = {{Microseconds(0), 6}};
  EXPECT_EQ(written(facts, UINT64_MAX), R"({"wire":[[0,"data: "]]})");
}

TEST(AnswerChunks, SayOnlySizesWhereSecretsMightBeCutInTwo) {
  EXPECT_EQ(written(streamed(), 2, ChunkContent::sizes), R"({"wire":[[1.5,7],[20.042,3]]})");
}

TEST(AnswerChunks, AreOfEventStreamsOnly) {
  ExchangeFacts facts = streamed();
  facts.closed.streaming = false;
  EXPECT_EQ(written(facts, 9), "{}");
  facts.closed.streaming = true;
  facts.closed.status = 101;
  EXPECT_EQ(written(facts, 9), "{}");
}

}  // namespace
}  // namespace albicilla
