#include "tests/support/hostile/odd_json.h"

#include <string_view>
#include <utility>

namespace albicilla::support {

namespace {

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// Alone and as the value of a member, where a chat request would hold them.
void add(std::vector<OddJson>& cases, const std::string& group,
         const std::vector<std::string>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name = group + " " + std::to_string(i);
    cases.push_back({name, values[i]});
    cases.push_back(
        {name + " in a request", R"({"model":"m","messages":[],"x":)" + values[i] + "}"});
  }
}

std::vector<std::string> numbers() {
  return {"0",
          "-0",
          "1.0",
          "1e999",
          "-1e-999",
          "0.1e1",
          "1E+2",
          "01",
          "-01",
          "+1",
          ".5",
          "5.",
          "1e",
          "1e+",
          "0x10",
          "1_000",
          "NaN",
          "-Infinity",
          "--1",
          "1.2.3",
          "\xEF\xBC\x91",
          "1" + times(100'000, "0"),
          "0." + times(100'000, "1"),
          "12345678901234567890123456789012345678901234567890",
          "1 000",
          "1e1.5"};
}

std::vector<std::string> strings() {
  using namespace std::string_literals;
  return {R"("\u0000")",
          R"("\ud83e\udd85")",
          R"("\ud800")",
          R"("\udc00\ud800")",
          R"("\u12")",
          R"("\x41")",
          R"("\U00000041")",
          R"("\)",
          R"("open)",
          R"('single')",
          "\"tab\there\"",
          "\"line\nbreak\"",
          "\"cr\rhere\"",
          "\"nul\0here\""s,
          "\"\x7F\"",
          "\"\xE2\x80\xA8\"",
          "\"\xEF\xBB\xBF\"",
          "\"\xFF\xFE\"",
          "\"\xC0\xAF\"",
          "\"\xED\xA0\x80\"",
          "\"\xF4\x90\x80\x80\"",
          "\"\xE2\x82\"",
          "\"" + times(200'000, "a") + "\"",
          "\"" + times(50'000, R"(\u0041)") + "\"",
          R"("\/\b\f\n\r\t\"\\")",
          "bare"};
}

std::vector<std::string> structures() {
  using namespace std::string_literals;
  return {"",
          " ",
          "null",
          "nul",
          "True",
          "truefalse",
          "[]",
          "[",
          "]",
          "[1,]",
          "[,1]",
          "[1 2]",
          "[1,,2]",
          "[1]]",
          "{",
          "{}}",
          "{\"a\"}",
          "{\"a\":}",
          "{\"a\":1,}",
          "{,}",
          "{a:1}",
          "{'a':1}",
          "{\"a\":1 \"b\":2}",
          "{\"a\"::1}",
          "{1:1}",
          R"({"a":1,"a":2,"\u0061":3})",
          R"({"":{"":{"":0}}})",
          "{\"a\":1}{\"b\":2}",
          "{\"a\":1} garbage",
          "// comment\n{}",
          "{/**/}",
          "\xEF\xBB\xBF{}",
          "\xFF\xFE{\0}\0"s,
          "\0{\0}"s,
          "{}\0"s,
          "\f[]",
          "\xC2\xA0[]",
          "[\n\n\r\n1\t]\r\n",
          "\xE2\x81\xA0[]",
          times(100'000, "["),
          times(100'000, "[") + times(100'000, "]"),
          times(100'000, R"({"a":)") + "0" + times(100'000, "}"),
          times(100'000, R"([{"":)"),
          times(990, "[") + times(990, "]"),
          times(991, "[") + times(991, "]"),
          "[" + times(100'000, "0,") + "0]",
          "{" + times(20'000, R"("a":0,)") + R"("a":0})",
          R"({"messages":[{"role":"user","content":)" + times(5'000, "[") + "}]}"};
}

}  // namespace

std::vector<OddJson> odd_json() {
  std::vector<OddJson> cases;
  add(cases, "number", numbers());
  add(cases, "string", strings());
  add(cases, "structure", structures());
  return cases;
}

}  // namespace albicilla::support
