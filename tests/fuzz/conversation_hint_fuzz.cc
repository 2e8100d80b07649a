// Properties: a hint that parses encodes to the same bytes; any JSON gives a hint that encodes and
// parses back, and a request that shows its own answer continues the state that the answer reached.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/json/scan.h"
#include "common/session/conversation_hint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  if (const auto hint = albicilla::parse_conversation_hint(input)) {
    if (albicilla::encode(*hint) != input) std::abort();
  }
  if (!albicilla::check_json(input)) return 0;
  albicilla::ConversationExchange exchange;
  exchange.request = input;
  exchange.answer = input;
  const auto hint = albicilla::conversation_hint(exchange, {true, {"reset"}});
  const auto back = albicilla::parse_conversation_hint(albicilla::encode(hint));
  if (!back || !(*back == hint)) std::abort();
  return 0;
}
