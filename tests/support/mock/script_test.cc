#include "tests/support/mock/script.h"

#include <gtest/gtest.h>

namespace albicilla::mock {
namespace {

TEST(Script, PlaysTurnsInOrderAndEndsWithItsLastText) {
  const std::string_view script = script_in(
      "do [[script Bash {\"command\":\"ls a[0]\"} ;; Read {\"path\":\"a\"} || Bash {\"x\":[[1]]} "
      ";; "
      "say All good]]");
  ASSERT_EQ(script_turn(script, 0).calls.size(), 1U);
  EXPECT_EQ(script_turn(script, 0).calls[0].name, "Bash");
  EXPECT_EQ(script_turn(script, 0).calls[0].arguments, "{\"command\":\"ls a[0]\"}");
  ASSERT_EQ(script_turn(script, 1).calls.size(), 2U);
  EXPECT_EQ(script_turn(script, 1).calls[1].arguments, "{\"x\":[[1]]}");
  EXPECT_EQ(script_turn(script, 2).text, "All good");
  EXPECT_EQ(script_turn(script, 9).text, "All good");
}

TEST(Script, EndsAScriptWithoutATextWithOneOfItsOwn) {
  EXPECT_EQ(script_turn("Bash {}", 1).text, "Done.");
  EXPECT_TRUE(script_turn("Bash {}", 1).calls.empty());
}

TEST(Script, IsNotThereInOtherTexts) {
  EXPECT_EQ(script_in("[[mock events=3]] hello"), "");
  EXPECT_EQ(script_in("[[script never closed"), "");
}

}  // namespace
}  // namespace albicilla::mock
