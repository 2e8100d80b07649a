#include "common/translate/registry.h"

#include <array>

#include "common/translate/anthropic_to_openai_chat.h"
#include "common/translate/openai_chat_to_anthropic.h"

namespace albicilla {

const Translation* translation_between(std::string_view client_dialect,
                                       std::string_view upstream_dialect) {
  static const AnthropicToOpenaiChat anthropic_to_openai_chat;
  static const OpenaiChatToAnthropic openai_chat_to_anthropic;
  static const std::array<const Translation*, 2> translations{&anthropic_to_openai_chat,
                                                              &openai_chat_to_anthropic};
  for (const Translation* const translation : translations) {
    if (translation->client_dialect() == client_dialect &&
        translation->upstream_dialect() == upstream_dialect) {
      return translation;
    }
  }
  return nullptr;
}

}  // namespace albicilla
