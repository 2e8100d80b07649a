#include "common/translate/registry.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(TranslationRegistry, FindsTheTranslationBetweenTwoDialects) {
  const Translation* const there = translation_between("anthropic_messages", "openai_chat");
  const Translation* const back = translation_between("openai_chat", "anthropic_messages");
  ASSERT_TRUE(there != nullptr && back != nullptr);
  EXPECT_EQ(there->name(), "anthropic_to_openai_chat");
  EXPECT_EQ(there->upstream_path(), "/v1/chat/completions");
  EXPECT_EQ(back->name(), "openai_chat_to_anthropic");
  EXPECT_EQ(back->upstream_path(), "/v1/messages");
}

TEST(TranslationRegistry, HasNoneBetweenTheSameOrUnknownDialects) {
  EXPECT_EQ(translation_between("openai_chat", "openai_chat"), nullptr);
  EXPECT_EQ(translation_between("openai_responses", "anthropic_messages"), nullptr);
  EXPECT_EQ(translation_between("passthrough", "openai_chat"), nullptr);
}

}  // namespace
}  // namespace albicilla
