// A request on its way to an upstream that speaks another API: its JSON, and what is answered when
// there is none or it cannot be said there. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/translate/translation.h"
#include "proxy/traffic/exchange.h"
#include "proxy/traffic/own_reply.h"
#include "proxy/traffic/settings.h"

namespace albicilla {

struct TranslatableBody {
  std::string text;  // content decoded, with a model
  std::optional<Reply> refusal;
};
TranslatableBody translatable_body(const Exchange& exchange, std::string_view body,
                                   const TrafficSettings& settings);

// What the answer's translation takes from the exchange.
AnswerTerms terms_of(const Exchange& exchange);

// 400, in the client's words.
Reply untranslatable(const Translation& translation, const Error& why);

// The estimate, marked as one; or why there can be none.
Reply token_count_reply(std::string_view json);

}  // namespace albicilla
