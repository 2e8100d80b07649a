// Properties: a translated stream is the same wherever the upstream's bytes are cut, every event of
// it is JSON, and a stream either ends well or closes with an error.
// First byte: direction and step of the cuts.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "common/json/tree.h"
#include "common/sse/sse_parser.h"
#include "common/translate/registry.h"

namespace {

std::pair<std::string, bool> run(const albicilla::Translation& translation, std::string_view stream,
                                 std::size_t step) {
  const auto translator = translation.stream({"m", true, true, "0123", 1});
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    out += translator->feed(stream.substr(at, step));
  }
  out += translator->finish();
  return {std::move(out), translator->ended_well()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const bool to_openai = bytes[0] % 2 == 0;
  const std::size_t step = bytes[0] / 2 % 16 + std::size_t{1};
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const albicilla::Translation* const translation =
      to_openai ? albicilla::translation_between("anthropic_messages", "openai_chat")
                : albicilla::translation_between("openai_chat", "anthropic_messages");
  const auto whole = run(*translation, stream, stream.size() + 1);
  if (whole != run(*translation, stream, step)) std::abort();

  albicilla::SseParser parser;
  const auto events = parser.feed(whole.first);
  if (events.empty()) std::abort();
  for (const auto& event : events) {
    if (event.data != "[DONE]" && !albicilla::parse_json(event.data)) std::abort();
  }
  const auto last = albicilla::parse_json(events.back().data);
  if (!whole.second && (!last || last->at("error").is_null())) std::abort();
  return 0;
}
