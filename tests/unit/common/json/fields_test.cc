#include "common/json/fields.h"

#include <string>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(JsonFields, AnswersAsJsonMemberDoes) {
  for (const std::string object :
       {R"({"a":1,"b":{"a":2},"c":[3]})", R"({"a":1,"a":2})", R"({"\u0061":1,"b":2})",
        R"({"a\n":1,"a":2,"c":3})", R"( { "c" : "x" , "a" : null } )", "{}", "[1]", "\"a\"", ""}) {
    const JsonFields fields(object);
    for (const char* name : {"a", "b", "c", "d", ""}) {
      EXPECT_EQ(fields[name], json_member(object, name)) << object << " " << name;
    }
  }
}

TEST(JsonFields, HoldsObjectsWithMoreMembersThanItKeeps) {
  std::string object = "{";
  for (int i = 0; i < 100; ++i)
    object += "\"m" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  object.back() = '}';
  const JsonFields fields(object);
  EXPECT_EQ(fields["m0"], "0");
  EXPECT_EQ(fields["m99"], "99");
  EXPECT_EQ(fields["m100"], "");
}

}  // namespace
}  // namespace albicilla
