// Any bytes as a log line and as a search: what is taken out of the line lies inside it, and what a
// snippet marks is a piece of the text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "converter/viewer/line_facts.h"
#include "converter/viewer/line_scan.h"
#include "converter/viewer/message_text.h"
#include "converter/viewer/search.h"

namespace {

bool is_within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void check_snippet(std::string_view text, std::string_view asked) {
  const auto query = albicilla::viewer::parse_search(asked);
  for (const auto& piece : albicilla::viewer::make_snippet(text, query)) {
    if (piece.hit && text.find(piece.text) == std::string_view::npos) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(bytes), size);
  if (const auto facts = albicilla::viewer::read_line_facts(line)) {
    if (facts->asked > facts->messages.size()) std::abort();
    for (const auto& message : facts->messages) {
      if (!is_within(message.raw, line)) std::abort();
    }
    albicilla::viewer::LineScan scan({1, 2});
    albicilla::viewer::SaidWords words({3, 4});
    const auto entry = scan.scan(line, 100, "2026-01-13", words);
    if (!entry || entry->prefix.size() > facts->asked) std::abort();
    for (const auto& message : entry->messages) {
      if (words.of(message.words).size() != message.words.count) std::abort();
    }
  }
  const std::string text = albicilla::viewer::read_message_text(line).spoken;
  check_snippet(text.empty() ? line : std::string_view(text), line.substr(0, 12));
  return 0;
}
