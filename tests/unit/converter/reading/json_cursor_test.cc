#include "converter/reading/json_cursor.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

bool accepts(std::string_view text) {
  JsonCursor cursor(text);
  return cursor.skip() && cursor.at_end();
}

TEST(JsonCursor, AcceptsEveryKindOfValue) {
  for (const std::string_view text :
       {"{}", "[]", "null", "true", "false", "0", "-0", "-1.5e+10", "1E2", "\"\"", "[1, [2], {}]",
        R"({"a": {"b": [1, "x", null]}, "c": "\u00e9\n\/"})", " \t\r\n[ 1 , 2 ] "}) {
    EXPECT_TRUE(accepts(text)) << text;
  }
}

TEST(JsonCursor, RefusesWhatRfc8259Refuses) {
  for (const std::string_view text :
       {"",         " ",        "{",          "}",     "[1,]",     "[,1]",        "[1 2]",
        "{\"a\"}",  "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:2}",    "[1}",         "{\"a\":1]",
        "01",       "1.",       ".5",         "+1",    "1e",       "1e+",         "-",
        "tru",      "nul",      "True",       "\"a",   "\"\\x\"",  "\"\\u12g4\"", "\"\\u12\"",
        "\"a\nb\"", "'a'",      "[1] 2",      "NaN",   "Infinity", "\"\\",        "[\"a\"",
        "[1,2",     "{\"a\" 1}"}) {
    EXPECT_FALSE(accepts(text)) << text;
  }
}

// A string read letter by letter, to hold the cursor's blocks against.
struct PlainReading {
  bool valid = false;
  bool escaped = false;
  bool canonical = true;
  std::size_t length = 0;
};

PlainReading read_plainly(std::string_view text) {
  PlainReading reading;
  for (std::size_t at = 1; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      reading.valid = true;
      reading.length = at - 1;
      return reading;
    }
    if (static_cast<unsigned char>(c) < 0x20) return reading;
    if (c != '\\') {
      ++at;
      continue;
    }
    if (at + 1 == text.size()) return reading;
    reading.escaped = true;
    const char letter = text[at + 1];
    if (letter == 'u') {
      if (at + 6 > text.size()) return reading;
      const std::string_view digits = text.substr(at + 2, 4);
      if (digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) return reading;
      at += 4;
    } else if (std::string_view("\"\\/bfnrt").find(letter) == std::string_view::npos) {
      return reading;
    }
    reading.canonical = reading.canonical && letter != 'u' && letter != '/';
    at += 2;
  }
  return reading;
}

TEST(JsonCursor, ReadsStringsAsOneLetterAfterTheOtherWould) {
  const std::vector<std::string> pieces = {"a",
                                           "bcdefghijklmnop",
                                           "\\n",
                                           "\\\\",
                                           "\\\"",
                                           "\\\\\\\\",
                                           "\\u00e9",
                                           "\\/",
                                           "ż",
                                           "\"",
                                           "\\x",
                                           "\\",
                                           "\x01",
                                           "\\u12",
                                           std::string(61, 'z')};
  std::mt19937 random(5);
  for (int round = 0; round < 20000; ++round) {
    std::string text = "\"";
    // Mostly what is right, so that long strings come about.
    for (auto count = random() % 20; count > 0; --count) {
      text += pieces[random() % (random() % 16 == 0 ? pieces.size() : 9)];
    }
    text += random() % 8 == 0 ? "" : "\"";
    text += std::string(random() % 80, ' ');
    const PlainReading plain = read_plainly(text);
    JsonCursor cursor(text);
    RawString value;
    ASSERT_EQ(cursor.string(value), plain.valid) << text;
    if (!plain.valid) continue;
    ASSERT_EQ(value.body, std::string_view(text).substr(1, plain.length)) << text;
    ASSERT_EQ(value.escaped, plain.escaped) << text;
    ASSERT_EQ(value.canonical, plain.canonical) << text;
  }
}

TEST(JsonCursor, RefusesEveryProperPrefixOfAnObject) {
  const std::string text = R"({"a": [1, -2.5e3, {"b": "x\ud83e\udd85 y"}], "c": [true, null]})";
  ASSERT_TRUE(accepts(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(accepts(std::string_view(text).substr(0, length))) << length;
  }
}

TEST(JsonCursor, GivesMembersAndElementsAsTheyWereWritten) {
  JsonCursor cursor(R"({"n": 1.50, "list": [ "a\n", {"x":1} ], "e": {}, "last": "z"})");
  std::vector<std::string> seen;
  RawString key;
  std::string_view raw;
  ASSERT_TRUE(cursor.begin_object());
  while (cursor.next_member(key)) {
    if (key.is("list")) {
      ASSERT_TRUE(cursor.begin_array());
      while (cursor.next_element()) {
        ASSERT_TRUE(cursor.skip(raw));
        seen.emplace_back(raw);
      }
    } else {
      ASSERT_TRUE(cursor.skip(raw));
      seen.emplace_back(std::string(key.body) + "=" + std::string(raw));
    }
  }
  EXPECT_TRUE(cursor.at_end());
  EXPECT_EQ(seen,
            (std::vector<std::string>{"n=1.50", "\"a\\n\"", "{\"x\":1}", "e={}", "last=\"z\""}));
}

TEST(JsonCursor, TellsWhichStringsAreSpelledOurWay) {
  const auto canonical = [](std::string_view text) {
    JsonCursor cursor(text);
    RawString value;
    EXPECT_TRUE(cursor.string(value));
    return value.canonical;
  };
  EXPECT_TRUE(canonical(R"("plain é")"));
  EXPECT_TRUE(canonical(R"("a\n\t\"\\")"));
  EXPECT_FALSE(canonical(R"("\u00e9")"));
  EXPECT_FALSE(canonical(R"("a\/b")"));
}

TEST(JsonCursor, RefusesWhatIsNestedTooDeep) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(accepts(nested(kMostJsonDepth)));
  EXPECT_FALSE(accepts(nested(kMostJsonDepth + 1)));
  EXPECT_FALSE(accepts(nested(1000000)));
}

TEST(JsonCursor, SkipsKnownBytesOnlyWhenTheyComeNext) {
  JsonCursor cursor(R"([{"a":1}, {"a":1}])");
  std::string_view first;
  ASSERT_TRUE(cursor.begin_array());
  ASSERT_TRUE(cursor.next_element());
  ASSERT_TRUE(cursor.skip(first));
  ASSERT_TRUE(cursor.next_element());
  EXPECT_FALSE(cursor.skip_known(R"({"a":2})"));
  EXPECT_TRUE(cursor.skip_known(first));
  EXPECT_FALSE(cursor.next_element());
  EXPECT_TRUE(cursor.at_end());
}

}  // namespace
}  // namespace albicilla
