#include "common/json/writer.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().key("a").number(-1).key("b").begin_array().text("x\n").null().boolean(true);
  writer.begin_object().end_object().begin_array().end_array().end_array();
  writer.key("c").raw("[1.50]").key("d").begin_object().key("e").text("").end_object().end_object();
  EXPECT_EQ(out, R"({"a":-1,"b":["x\n",null,true,{},[]],"c":[1.50],"d":{"e":""}})");
}

}  // namespace
}  // namespace albicilla
