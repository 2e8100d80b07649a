#include "common/json/tree.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(JsonTree, GivesBackWhatItRead) {
  for (const char* text : {R"({"b":1,"a":[true,false,null,"x\n\"y"],"c":{"d":-1.50,"e":1e5}})",
                           "[]", "{}", "\"\"", "18446744073709551615", "-9223372036854775808",
                           "123456789012345678901234567890", "0.1000"}) {
    const auto tree = parse_json(text);
    ASSERT_TRUE(tree) << text;
    EXPECT_EQ(dump_json(*tree), text);
  }
}

TEST(JsonTree, SaysWhereTheTextIsNotJson) {
  EXPECT_EQ(parse_json("{\n \"a\": x}").error().message,
            "not JSON that can be read: line 2, column 7");
  EXPECT_FALSE(parse_json(""));
  EXPECT_FALSE(parse_json("\"\xFF\""));
  EXPECT_FALSE(parse_json("// a comment\n1"));
  EXPECT_FALSE(parse_json("1e999"));
}

TEST(JsonTree, RefusesDepthInsteadOfOverflowingTheStack) {
  EXPECT_TRUE(parse_json(std::string(1000, '[') + std::string(1000, ']')));
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  EXPECT_FALSE(parse_json(std::string(100'000, '[') + std::string(100'000, ']')));
}

TEST(JsonTree, FindsSetsAndErasesMembers) {
  Json value = *parse_json(R"({"a":1,"b":2,"a":3})");
  EXPECT_EQ(value.at("a").integer(), 3);
  EXPECT_TRUE(value.at("none").is_null());
  value.set("b", "two").set("c", Json::array({1, true, nullptr}));
  value.erase("a");
  EXPECT_EQ(dump_json(value), R"({"b":"two","c":[1,true,null]})");
  value.find("c")->push(Json::object({{"d", 0.5}}));
  EXPECT_EQ(dump_json_pretty(value.at("c")),
            "[\n  1,\n  true,\n  null,\n  {\n    \"d\": 0.5\n  }\n]");
}

TEST(JsonTree, GivesNothingForTheWrongKind) {
  const Json number = *parse_json("1.5");
  EXPECT_EQ(number.integer(), std::nullopt);
  EXPECT_EQ(number.number(), 1.5);
  EXPECT_EQ(number.boolean(), std::nullopt);
  EXPECT_TRUE(number.elements().empty());
  EXPECT_TRUE(number.members().empty());
  EXPECT_EQ(Json(true).text(), "");
}

}  // namespace
}  // namespace albicilla
