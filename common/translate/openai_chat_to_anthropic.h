// An OpenAI chat completions client before an upstream that speaks Anthropic's Messages API.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/translate/translation.h"

namespace albicilla {

class OpenaiChatToAnthropic final : public Translation {
 public:
  std::string_view name() const override { return "openai_chat_to_anthropic"; }
  std::string_view client_dialect() const override { return "openai_chat"; }
  std::string_view upstream_dialect() const override { return "anthropic_messages"; }
  std::string_view upstream_path() const override { return "/v1/messages"; }
  Headers request_headers(const Headers& client) const override;
  Headers response_headers(const Headers& upstream) const override;
  Result<TranslatedRequest> request(std::string_view body) const override;
  TranslatedResponse response(const AnswerTerms& terms, std::uint16_t status,
                              std::string_view body) const override;
  std::unique_ptr<StreamTranslator> stream(const AnswerTerms& terms) const override;
  std::string error_body(std::uint16_t status, std::string_view message) const override;
};

}  // namespace albicilla
