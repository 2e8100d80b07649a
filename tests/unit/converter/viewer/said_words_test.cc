#include "converter/viewer/said_words.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla::viewer {
namespace {

std::vector<std::string> words_of(const SaidWords& said, WordSpan span) {
  std::vector<std::string> words;
  for (const std::uint32_t number : said.of(span)) words.emplace_back(said.table().word(number));
  return words;
}

using Words = std::vector<std::string>;

TEST(SaidWords, HasEachWordOnceAMessage) {
  SaidWords said({1, 2});
  const WordSpan first = said.add("go on, go on. You\xe4\xbd\xa0\xe5\xa5\xbd go");
  const WordSpan second = said.add("You go");
  const WordSpan nothing = said.add("...");
  EXPECT_EQ(words_of(said, first), (Words{"go", "on", "you", "\xe4\xbd\xa0", "\xe5\xa5\xbd"}));
  EXPECT_EQ(words_of(said, second), (Words{"you", "go"}));
  EXPECT_EQ(words_of(said, nothing), Words{});
}

TEST(WordTable, TellsWordsOfEveryLengthApart) {
  WordTable table({3, 4});
  std::vector<std::string> words = {"abcd", "abcdabcd", "ab", "aab", "abb", "aaaa", "aaaaa"};
  for (int i = 0; i < 5000; ++i) {
    words.push_back("w" + std::to_string(i));
    words.push_back("a long word with a number " + std::to_string(i));
  }
  for (std::uint32_t i = 0; i < words.size(); ++i) EXPECT_EQ(table.number(words[i]), i);
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(table.number(words[i]), i);
    EXPECT_EQ(table.word(i), words[i]);
  }
  EXPECT_EQ(table.size(), words.size());
  table.clear();
  EXPECT_EQ(table.number("abcd"), 0U);
}

}  // namespace
}  // namespace albicilla::viewer
