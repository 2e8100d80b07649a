#include "common/json/scan.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(CheckJson, TakesWhatTheGrammarTakes) {
  for (const char* text :
       {"{}", "[]", "0", "-0", "1e999", "-1.5E-3", "\"\"", "true", "false", "null", " \t\n\r1 \n",
        R"({"a":{"b":[1,{"c":"d"},[]]},"a":null})", R"("\"\\\/\b\f\n\r\t\u00e9")",
        R"(["\ud800","\udc00\ud800"])", "[123456789012345678901234567890]", "\"\x7F\"",
        "\"za\xC5\xBC\xC3\xB3\xC5\x82\xC4\x87\"", "[[],{},[{}]]"}) {
    EXPECT_TRUE(check_json(text)) << text;
  }
}

TEST(CheckJson, RefusesEverythingElse) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "]",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "01",
                           "+1",
                           "-",
                           "1.",
                           ".1",
                           "1e",
                           "1e+",
                           "0x1",
                           "NaN",
                           "tru",
                           "truex",
                           "\"",
                           "\"a",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"\\u12\"",
                           "\"\n\"",
                           "\"\t\"",
                           "1 2",
                           "{}{}",
                           "[}",
                           "{]",
                           "[1}",
                           "{\"a\":1]",
                           "\xEF\xBB\xBF{}",
                           "\"\xFF\"",
                           "\"\xC0\xAF\"",
                           "\"\xED\xA0\x80\"",
                           "[1]\x01",
                           "\"\\",
                           "{\"a\":1}}",
                           "[1]]",
                           ",",
                           ":"}) {
    EXPECT_FALSE(check_json(text)) << text;
  }
  EXPECT_FALSE(check_json(std::string_view("1\0", 2)));
  EXPECT_FALSE(check_json(std::string_view("\"\0\"", 3)));
}

TEST(CheckJson, StopsAtTheDepthThatReadersBear) {
  EXPECT_EQ(check_json(nested(kMostJsonDepth))->depth, kMostJsonDepth);
  EXPECT_FALSE(check_json(nested(kMostJsonDepth + 1)));
  EXPECT_FALSE(check_json(nested(1'000'000)));
  EXPECT_EQ(check_json("[[1],{\"a\":[2]}]")->depth, 3U);
  EXPECT_EQ(check_json("1")->depth, 0U);
}

TEST(CheckJson, TellsOfRawNewlinesButNotOfEscapedOnes) {
  EXPECT_TRUE(check_json("{\n}")->raw_newline);
  EXPECT_TRUE(check_json("[1,\r2]")->raw_newline);
  EXPECT_TRUE(check_json("1\n")->raw_newline);
  EXPECT_FALSE(check_json(R"({"a": "b\nc"})")->raw_newline);
}

TEST(CheckJson, FindsTheSameEndOfAStringWhereverItStarts) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string text = "\"" + std::string(length, 'x') + "\"";
    EXPECT_TRUE(check_json(text)) << length;
    EXPECT_FALSE(check_json(text + "x\"")) << length;
    std::string control = text;
    control.insert(1 + length / 2, "\x1F");
    EXPECT_FALSE(check_json(control)) << length;
    std::string escape = text;
    escape.insert(1 + length / 2, "\\\"");
    EXPECT_TRUE(check_json(escape)) << length;
  }
}

TEST(CheckJson, FindsTheEndOfTheValueThatATextBeginsWith) {
  const auto size = [](std::string_view text) {
    const auto found = check_json_prefix(text);
    return found ? found->size : std::string_view::npos;
  };
  EXPECT_EQ(size("1,2"), 1);
  EXPECT_EQ(size(R"("a,\"b" , 1)"), 7);
  EXPECT_EQ(size(R"({"a":[1,{}]},"b":2)"), 12);
  EXPECT_EQ(size("[]]"), 2);
  EXPECT_EQ(size("true"), 4);
  for (const char* text : {"", ",", "{", "[1", R"({"a"})", "[1}", R"("a)", "truth"}) {
    EXPECT_FALSE(check_json_prefix(text)) << text;
  }
  const std::string deep(kMostJsonDepth + 1, '[');
  EXPECT_FALSE(check_json_prefix(deep + std::string(kMostJsonDepth + 1, ']')));
  EXPECT_TRUE(check_json_prefix("[\n1]")->shape.raw_newline);
}

TEST(CheckJsonMembers, TakesTheInsideOfAnObject) {
  EXPECT_TRUE(check_json_members(R"("a":1,"b":{"c":[]})"));
  EXPECT_TRUE(check_json_members(""));
  EXPECT_TRUE(check_json_members(" "));
  for (const char* text : {"1", "\"a\"", "\"a\":1,", "\"a\":1}", "\"a\":1},{\"b\":2", "{\"a\":1}",
                           "\"a\":1]", "\"a\":[1", "\"a\":{\"b\":1"}) {
    EXPECT_FALSE(check_json_members(text)) << text;
  }
}

TEST(AppendMinified, DropsSpaceBetweenTokensOnly) {
  std::string out;
  append_minified(out, " {\n \"a b\" : [ 1 ,\t\"c \\\" d\" ] }\r\n");
  EXPECT_EQ(out, R"({"a b":[1,"c \" d"]})");
}

TEST(AppendJsonString, EscapesWhatJsonForbidsAndKeepsTheRest) {
  std::string out;
  append_json_string(out, "a\"\\\n\r\t\b\x1B/\x7F z\xC5\x82 \xE2\x80\xA8");
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\r\\t\\u0008\\u001b/\x7F z\xC5\x82 \xE2\x80\xA8\"");
  EXPECT_TRUE(check_json(out));
}

TEST(AppendJsonString, ReadsWhatIsNotUtf8AsLatin1SoThatNoByteIsLost) {
  std::string out;
  append_json_string(out, "caf\xE9 \xFF\x80");
  EXPECT_EQ(out, "\"caf\xC3\xA9 \xC3\xBF\xC2\x80\"");
  out.clear();
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  append_json_string(out, all);
  EXPECT_TRUE(check_json(out));
}

// As RFC 3629 says it, one character at a time.
bool is_utf8_by_the_book(std::string_view text) {
  while (!text.empty()) {
    const auto byte = [&text](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned first = byte(0);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    unsigned least = 0x80;  // of the second byte
    unsigned most = 0xBF;
    if (first == 0xE0) least = 0xA0;
    if (first == 0xED) most = 0x9F;
    if (first == 0xF0) least = 0x90;
    if (first == 0xF4) most = 0x8F;
    if (first > 0xF4 || (first >= 0x80 && first < 0xC2)) return false;
    if (size > 1 && (byte(1) < least || byte(1) > most)) return false;
    for (std::size_t at = 2; at < size; ++at) {
      if (byte(at) < 0x80 || byte(at) > 0xBF) return false;
    }
    text.remove_prefix(size);
  }
  return true;
}

TEST(IsUtf8, SaysWhatTheBookSaysOfEveryThreeBytesWhereverTheyStand) {
  std::string text;
  for (unsigned bytes = 0; bytes < 1U << 24; bytes += bytes < 0xC00000 ? 97 : 5) {
    text.assign(bytes % 131, 'x');
    for (const unsigned shift : {16U, 8U, 0U}) text.push_back(static_cast<char>(bytes >> shift));
    const bool right = is_utf8_by_the_book(text);
    if (is_utf8(text) == right && is_utf8_in_bulk(text) == right) continue;
    ADD_FAILURE() << std::hex << bytes << " behind " << std::dec << bytes % 131 << " letters";
    return;
  }
}

TEST(IsUtf8, SaysWhatTheBookSaysOfLongTextsWithOneFault) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t size = random() % 200; text.size() < size;) {
      constexpr std::string_view kCharacters[] = {"a", "word ", "\xC3\xA9", "\xE2\x82\xAC",
                                                  "\xF0\x9F\x98\x80"};
      text += kCharacters[random() % std::size(kCharacters)];
    }
    if (!text.empty() && round % 2 == 0) text[random() % text.size()] = static_cast<char>(random());
    if (!text.empty() && round % 5 == 0) text.resize(random() % text.size());
    ASSERT_EQ(is_utf8(text), is_utf8_by_the_book(text)) << ::testing::PrintToString(text);
    ASSERT_EQ(is_utf8_in_bulk(text), is_utf8(text)) << ::testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace albicilla
