// Properties: a request is refused with the client's fault or becomes JSON that says what it says:
// translated back and there again it is the same request. Answers never make an upstream's bytes
// into anything but JSON or an event stream. First byte: direction, and request or answer.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/json/tree.h"
#include "common/translate/count_tokens.h"
#include "common/translate/registry.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void check_request(const albicilla::Translation& there, const albicilla::Translation& back,
                   std::string_view body) {
  const auto request = there.request(body);
  if (!request) {
    must(request.error().fault == albicilla::Fault::client);
    must(albicilla::parse_json(there.error_body(400, request.error().message)).has_value());
    return;
  }
  must(albicilla::parse_json(request->body).has_value());
  const auto returned = back.request(request->body);
  if (!returned) return;
  const auto again = there.request(returned->body);
  if (!again) return;
  // From here on the words of both APIs have been found: another round changes nothing.
  const auto returned_again = back.request(again->body);
  must(returned_again.has_value());
  must(returned_again->body == returned->body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const auto* to_openai = albicilla::translation_between("anthropic_messages", "openai_chat");
  const auto* to_anthropic = albicilla::translation_between("openai_chat", "anthropic_messages");
  const bool first_way = bytes[0] % 2 == 0;
  const auto& there = first_way ? *to_openai : *to_anthropic;
  const auto& back = first_way ? *to_anthropic : *to_openai;
  const std::string_view body(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (bytes[0] / 2 % 2 == 0) {
    check_request(there, back, body);
    (void)albicilla::estimate_count_tokens(body);
    return 0;
  }
  for (const std::uint16_t status : {std::uint16_t{200}, std::uint16_t{429}}) {
    const auto answer = there.response({"m", false, true, "0123", 1}, status, body);
    must(albicilla::parse_json(answer.body).has_value());
    must(answer.status == 200 || answer.status >= 400);
  }
  return 0;
}
