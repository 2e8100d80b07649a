#include "common/record/log_line.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

constexpr std::string_view kMiddle = R"("request":{"a":"}"},"response":null,"exchange":{"id":1})";

TEST(LogLine, PutsTimestampAndSessionInFront) {
  std::string line;
  append_line_start(line, WallTime(std::chrono::seconds(1'768'298'400)), "a\"b", kMiddle);
  EXPECT_EQ(line, R"({"timestamp":"2026-01-13T10:00:00.000000+00:00","session_id":"a\"b",)" +
                      std::string(kMiddle));
}

TEST(LogLine, IsReadBackWithoutParsingItsBodies) {
  std::string line;
  append_line_start(line, WallTime{}, "s", kMiddle);
  line += R"(,"chain":{"n":1,"h":"00"}})";
  const auto view = view_line(line);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->timestamp, "1970-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(view->session_id, "s");
  EXPECT_EQ(view->request, R"({"a":"}"})");
  EXPECT_EQ(view->response, "null");
  EXPECT_EQ(view->exchange, R"({"id":1})");
  EXPECT_EQ(view->chain, R"({"n":1,"h":"00"})");
  EXPECT_FALSE(view_line(""));
  EXPECT_FALSE(view_line("[1]"));
  EXPECT_FALSE(view_line(line.substr(0, line.size() - 1) + "x"));
}

TEST(LogLine, TakesOnlyAMiddleThatKeepsTheLineWhole) {
  EXPECT_EQ(exchange_of_middle(kMiddle), R"({"id":1})");
  EXPECT_EQ(exchange_of_middle(R"("request": 1	 ,"response":2,"exchange":{})"), "{}");
  for (const char* middle :
       {"", R"("request":1)", R"("request":1,"response":2,"exchange":3)",
        R"("response":1,"request":2,"exchange":{}})", R"("request":1,"response":2,"exchange":{}})",
        R"("request":1,"response":2,"exchange":{},"chain":{})",
        "\"request\":1,\"response\":2,\n\"exchange\":{}",
        "\"request\":1\n,\"response\":2,\"exchange\":{}",
        R"("request":1,"response":2,"exchange":{}x)", R"("request":[1,"response":2,"exchange":{})",
        R"("request":,"response":2,"exchange":{})",
        "\"request\":\"\xFF\",\"response\":2,\"exchange\":{}"}) {
    EXPECT_FALSE(exchange_of_middle(middle)) << middle;
  }
}

}  // namespace
}  // namespace albicilla
