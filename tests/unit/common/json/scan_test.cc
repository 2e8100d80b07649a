#include "common/json/scan.h"

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

}  // namespace
}  // namespace albicilla
