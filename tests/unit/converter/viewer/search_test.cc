#include "converter/viewer/search.h"

#include <gtest/gtest.h>

namespace albicilla::viewer {
namespace {

std::string marked(std::string_view text, std::string_view query) {
  std::string marked;
  for (const SnippetPiece& piece : make_snippet(text, parse_search(query))) {
    marked += piece.hit ? "[" + piece.text + "]" : piece.text;
  }
  return marked;
}

TEST(SearchQuery, AsksForAllWords) {
  EXPECT_EQ(parse_search("Foo bar*").match(), R"("foo" AND "bar" *)");
  EXPECT_EQ(parse_search(R"(x "two words" role:user)").match(), R"("x" AND "two" AND "words")");
  EXPECT_EQ(parse_search("role:user x").role, Role::user);
  EXPECT_EQ(parse_search(" \" ").match(), "");
}

TEST(SearchQuery, CannotSmuggleOperatorsIntoTheIndex) {
  EXPECT_EQ(parse_search("a) OR b:c NEAR(\"").match(),
            R"("a" AND "or" AND "near" AND "b" AND "c")");
}

TEST(Snippet, MarksWhatWasFound) {
  EXPECT_EQ(marked("the Quick brown fox", "quick FOX"), "the [Quick] brown [fox]");
  EXPECT_EQ(marked("configure", "conf*"), "[configure]");
  EXPECT_EQ(marked("你好世界", "世界"), "你好[世界]");
}

TEST(Snippet, WantsPhrasesAsTheyStand) {
  EXPECT_EQ(marked("a a b", "\"a b\""), "a [a b]");
  EXPECT_EQ(marked("b a", "\"a b\""), "");
  EXPECT_EQ(marked("foo.bar", "foo.bar"), "[foo.bar]");
  EXPECT_EQ(marked("foo x bar", "foo.bar"), "");
}

TEST(Snippet, IsShortAndCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "ąą ";
  const std::string found = marked(text + "needle " + text, "needle");
  EXPECT_LT(found.size(), 500U);
  EXPECT_NE(found.find("[needle]"), std::string::npos);
  EXPECT_TRUE(found.starts_with("\xE2\x80\xA6"));
  EXPECT_TRUE(found.ends_with("\xE2\x80\xA6"));
}

}  // namespace
}  // namespace albicilla::viewer
