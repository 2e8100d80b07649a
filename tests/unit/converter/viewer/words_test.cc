#include "converter/viewer/words.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla::viewer {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  WordSplitter splitter(text);
  WordSplitter::Word word;
  while (splitter.next(word)) words.emplace_back(word.folded);
  return words;
}

using Words = std::vector<std::string>;

TEST(Words, AreRunsOfLettersAndDigitsInLowerCase) {
  EXPECT_EQ(words_of("Hello, World_2! x-y"), (Words{"hello", "world_2", "x", "y"}));
  EXPECT_EQ(words_of(""), Words{});
  EXPECT_EQ(words_of(" \t\n..."), Words{});
}

TEST(Words, FoldLettersOfOtherAlphabets) {
  EXPECT_EQ(words_of("Łódź ÄRGER Ωmega МОСКВА"), (Words{"łódź", "ärger", "ωmega", "москва"}));
}

TEST(Words, GiveOneWordACharacterWhereScriptsHaveNoSpaces) {
  EXPECT_EQ(words_of("你好world"), (Words{"你", "好", "world"}));
}

TEST(Words, TellWhereTheyStand) {
  const std::string text = "«Żal» is";
  WordSplitter splitter(text);
  WordSplitter::Word word;
  ASSERT_TRUE(splitter.next(word));
  EXPECT_EQ(text.substr(word.begin, word.end - word.begin), "Żal");
  ASSERT_TRUE(splitter.next(word));
  EXPECT_EQ(text.substr(word.begin, word.end - word.begin), "is");
}

TEST(Words, CutWhatIsTooLongToBeAWord) {
  const auto words = words_of(std::string(100000, 'A') + " b");
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[0], std::string(kMostWordBytes, 'a'));
}

TEST(Words, TakeBytesThatAreNoUtf8AsSpace) {
  EXPECT_EQ(words_of("a\xff\xfe b\xc3"), (Words{"a", "b"}));
  EXPECT_EQ(words_of("\xe4\xbd"), Words{});
}

}  // namespace
}  // namespace albicilla::viewer
