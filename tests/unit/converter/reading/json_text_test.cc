#include "converter/reading/json_text.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string python(std::string_view raw, TextRepairs& repairs) {
  std::string out;
  append_python_json(out, raw, repairs);
  return out;
}

std::string python(std::string_view raw) {
  TextRepairs repairs;
  return python(raw, repairs);
}

RawString raw_string(std::string_view quoted) {
  JsonCursor cursor(quoted);
  RawString value;
  EXPECT_TRUE(cursor.string(value));
  return value;
}

TEST(JsonText, WritesPythonsSeparatorsAndKeepsNumbersAndOrder) {
  EXPECT_EQ(python(R"({"z":1.0,"a":[1e5,12345678901234567890,-0],"b":{},"c":[]})"),
            R"({"z": 1.0, "a": [1e5, 12345678901234567890, -0], "b": {}, "c": []})");
}

TEST(JsonText, SpellsStringsOneWay) {
  EXPECT_EQ(python(R"("\u0105\/\u001f\u000a\ud83e\udd85\u0022")"), R"("ą/\u001f\n🦅\"")");
}

TEST(JsonText, WritesLoneSurrogatesAsReplacementAndCountsThem) {
  TextRepairs repairs;
  EXPECT_EQ(python(R"(["\ud83e", "\udd85x", "\ud83e\u0041"])", repairs),
            "[\"\uFFFD\", \"\uFFFDx\", \"\uFFFDA\"]");
  EXPECT_EQ(repairs.lone_surrogates, 3U);
}

TEST(JsonText, LetsTheLastOfEqualKeysWinAtTheFirstOnesPlace) {
  TextRepairs repairs;
  EXPECT_EQ(python(R"({"a":1,"b":2,"\u0061":3})", repairs), R"({"a": 3, "b": 2})");
  EXPECT_EQ(repairs.duplicate_keys, 1U);
}

TEST(JsonText, FindsEqualKeysAmongManyAndInsideOthers) {
  TextRepairs repairs;
  std::string raw = "{";
  for (int i = 0; i < 20; ++i) raw += "\"k" + std::to_string(i) + "\":{\"x\":1,\"x\":2},";
  raw += R"("k3":"last"})";
  const std::string text = python(raw, repairs);
  EXPECT_NE(text.find(R"("k2": {"x": 2}, "k3": "last", "k4": {"x": 2})"), std::string::npos);
  EXPECT_EQ(repairs.duplicate_keys, 21U);
}

TEST(JsonText, TurnsStringsIntoTextAndBack) {
  TextRepairs repairs;
  std::string text;
  append_text(text, raw_string(R"("a\"b\\c\/d\b\f\n\r\t\u0000e")"), repairs);
  EXPECT_EQ(text, std::string("a\"b\\c/d\b\f\n\r\t\0e", 14));
  std::string escaped;
  append_escaped(escaped, text);
  EXPECT_EQ(escaped, R"(a\"b\\c/d\b\f\n\r\t\u0000e)");
}

TEST(JsonText, StripsTheWhiteSpaceThatPythonStrips) {
  EXPECT_EQ(strip_space(" \n\t\u00a0\u3000 a b \x1c\u2028\r"), "a b");
  EXPECT_EQ(strip_space(" \u200b "), "\u200b");
  EXPECT_EQ(strip_space(" \n"), "");
}

}  // namespace
}  // namespace albicilla
