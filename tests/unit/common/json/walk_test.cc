#include "common/json/walk.h"

#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs members_of(std::string_view text) {
  Pairs pairs;
  JsonMember member;
  for (JsonMembers members(text); members.next(member);) {
    pairs.emplace_back(member.key, member.value);
  }
  return pairs;
}

std::vector<std::string> elements_of(std::string_view text) {
  std::vector<std::string> all;
  std::string_view element;
  for (JsonElements elements(text); elements.next(element);) all.emplace_back(element);
  return all;
}

TEST(JsonWalk, GivesMembersAsTheirRawText) {
  EXPECT_EQ(
      members_of(R"( { "a" : 1.50 , "b\"" : "x}\\" ,"c":{"d":[1,"]"]},"c":null } )"),
      (Pairs{{"a", "1.50"}, {"b\\\"", "\"x}\\\\\""}, {"c", R"({"d":[1,"]"]})"}, {"c", "null"}}));
  EXPECT_TRUE(members_of("{}").empty());
  EXPECT_TRUE(members_of("[1]").empty());
  EXPECT_TRUE(members_of("").empty());
}

TEST(JsonWalk, GivesElementsAsTheirRawText) {
  EXPECT_EQ(elements_of(R"([ 1 ,"a,b", [2,3] ,{"x":[]}, true])"),
            (std::vector<std::string>{"1", "\"a,b\"", "[2,3]", R"({"x":[]})", "true"}));
  EXPECT_TRUE(elements_of("[]").empty());
  EXPECT_TRUE(elements_of("{\"a\":1}").empty());
}

TEST(JsonWalk, EndsWithinItsBoundsOnBrokenText) {
  const std::string text = R"({"a":[1,{"b":"c\"d"}],"e":"f"})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    const std::string cut = text.substr(0, length);
    members_of(cut);
    elements_of(cut.substr(std::min<std::size_t>(5, cut.size())));
  }
  EXPECT_LE(members_of("{\"a\":}}}").size(), 2U);
  EXPECT_LE(elements_of("[,,,]").size(), 2U);
}

TEST(JsonWalk, FindsAMemberAlsoWhenItsKeyIsEscapedOrDoubled) {
  EXPECT_EQ(json_member(R"({"model":"a","m\u006fdel":"b"})", "model"), "\"b\"");
  EXPECT_EQ(json_member(R"({"x":{"model":1}})", "model"), "");
}

TEST(JsonWalk, DecodesStrings) {
  EXPECT_EQ(json_text(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(json_text(R"("\u0041\u00e9\u20AC\ud83e\udd85")"),
            "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA6\x85");
  EXPECT_EQ(json_text(R"("\ud800x\udc00")"), "\xEF\xBF\xBDx\xEF\xBF\xBD");
  EXPECT_EQ(json_text("1"), std::nullopt);
  EXPECT_EQ(json_text("\"\\u12"), "");
}

TEST(JsonWalk, ReadsCountsThatFit) {
  EXPECT_EQ(json_count("0"), 0U);
  EXPECT_EQ(json_count("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(json_count("12.0"), 12U);
  EXPECT_EQ(json_count("1e3"), 1000U);
  for (const char* raw : {"-1", "1.5", "1e99", "\"1\"", "", "null", "1x"}) {
    EXPECT_EQ(json_count(raw), std::nullopt) << raw;
  }
}

}  // namespace
}  // namespace albicilla
