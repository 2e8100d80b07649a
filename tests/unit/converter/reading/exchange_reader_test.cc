#include "converter/reading/exchange_reader.h"

#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

auto facts_of(const ExchangeInfo& info) {
  return std::tuple(info.id, info.dialect, info.path, info.ending, info.model, info.user_id,
                    info.client_app, info.usage, info.seq, info.status, info.started_at,
                    info.truncated);
}

// What a reader says of `text` behind `from`, with where it stopped; nothing when it refuses it.
struct Reading {
  bool failed = false;
  std::size_t offset = 0;
  ExchangeInfo info;
};

Reading read(ExchangeReader& reader, std::string_view text) {
  JsonCursor cursor(text);
  Reading reading;
  reading.info = reader.read(cursor);
  reading.failed = cursor.failed();
  reading.offset = cursor.offset();
  return reading;
}

void expect_as_if_it_were_the_first(ExchangeReader& reader, std::string_view text) {
  ExchangeReader fresh;
  const Reading first = read(fresh, text);
  const Reading after_others = read(reader, text);
  ASSERT_EQ(after_others.failed, first.failed) << text;
  if (first.failed) return;
  EXPECT_EQ(after_others.offset, first.offset) << text;
  EXPECT_EQ(facts_of(after_others.info), facts_of(first.info)) << text;
}

constexpr std::string_view kWhole =
    R"({"id":"e1","seq":7,"started_at":"2026-01-13T10:00:00.5Z","path":"/v1/x","status":200,)"
    R"("ending":"complete","dialect":"openai_chat","model":"m","user_id":"u","client_app":"c",)"
    R"("usage":{"a":[1,2]},"truncated":false})";

TEST(ExchangeReader, ReadsEveryMember) {
  ExchangeReader reader;
  const Reading reading = read(reader, kWhole);
  ASSERT_FALSE(reading.failed);
  const ExchangeInfo& info = reading.info;
  EXPECT_EQ(info.id, "e1");
  EXPECT_EQ(info.seq, 7U);
  EXPECT_EQ(info.path, "/v1/x");
  EXPECT_EQ(info.status, 200);
  EXPECT_EQ(info.ending, "complete");
  EXPECT_EQ(info.dialect, "openai_chat");
  EXPECT_EQ(info.model, "m");
  EXPECT_EQ(info.user_id, "u");
  EXPECT_EQ(info.client_app, "c");
  EXPECT_EQ(info.usage, R"({"a":[1,2]})");
  EXPECT_TRUE(info.started_at.has_value());
  EXPECT_FALSE(info.truncated);
}

TEST(ExchangeReader, SaysOfAnObjectWhatItWouldHaveSaidWithoutThoseBefore) {
  const std::vector<std::string> texts = {
      std::string(kWhole),
      R"({"id":"e2","seq":7,"path":"/v1/x","status":200})",
      R"({"id":"e2","seq":78,"path":"/v1/x","status":20})",
      R"({"id":"e2","seq":78,"path":"/v1/x","status":2})",
      R"({"id":"e2","seq":78,"path":"/v1/x","status":2,"status":404})",
      R"({ "id" : "e2", "seq":78 , "path":"/v1/x"})",
      R"({"seq":78,"id":"e2","path":null,"truncated":"yes"})",
      R"({"seq":78,"id":"e2","path":null,"truncated":"yes"}  ,"chain":1)",
      R"({"seq":78,"id":"e2","path":null,"truncated":"yes")",
      R"({"seq":78,"id":"e2","path":null,"truncated":"yes",})",
      R"({"seq":78 "id":"e2"})",
      R"({})",
      R"({"id":"\u0065"})",
  };
  ExchangeReader reader;
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    expect_as_if_it_were_the_first(reader, texts[random() % texts.size()]);
  }
}

TEST(ExchangeReader, SaysOfADamagedObjectWhatItWouldHaveSaidWithoutThoseBefore) {
  std::mt19937 random(11);
  constexpr std::string_view kBytes = "\"{}[],: 019aeE-.\\tnx";
  ExchangeReader reader;
  for (int round = 0; round < 20'000; ++round) {
    std::string text(kWhole);
    const std::size_t at = random() % text.size();
    const char byte = kBytes[random() % kBytes.size()];
    switch (random() % 4) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1 + random() % 20);
        break;
      default:
        break;
    }
    expect_as_if_it_were_the_first(reader, text);
  }
}

}  // namespace
}  // namespace albicilla
