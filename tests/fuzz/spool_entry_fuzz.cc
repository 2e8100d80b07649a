// Property: a payload that parses is written as an entry that parses to the same facts again. The
// first byte chooses the type.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/io/entry.h"
#include "common/record/spool_entry.h"

namespace {

std::string_view payload_of(const std::string& framed) {
  const auto parse = albicilla::parse_entry(framed);
  if (parse.state != albicilla::EntryState::whole) std::abort();
  return parse.entry.payload;
}

template <class Parse, class Append>
void check(std::string_view payload, Parse parse, Append append) {
  const auto facts = parse(payload);
  if (!facts) return;
  std::string framed;
  append(framed, *facts);
  const auto again = parse(payload_of(framed));
  if (!again || !(*again == *facts)) std::abort();
}

void check_part(std::string_view payload) {
  const auto part = albicilla::parse_part(payload);
  if (!part) return;
  std::string framed;
  albicilla::append_part(framed, part->facts, part->bytes);
  const auto again = albicilla::parse_part(payload_of(framed));
  if (!again || !(again->facts == part->facts) || again->bytes != part->bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view payload(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  switch (static_cast<albicilla::EntryType>(bytes[0])) {
    case albicilla::EntryType::generation:
      check(payload, albicilla::parse_generation, albicilla::append_generation);
      break;
    case albicilla::EntryType::opened:
      check(payload, albicilla::parse_opened, albicilla::append_opened);
      break;
    case albicilla::EntryType::part:
      check_part(payload);
      break;
    case albicilla::EntryType::closed:
      check(payload, albicilla::parse_closed,
            [](std::string& out, const auto& facts) { albicilla::append_closed(out, facts); });
      break;
    case albicilla::EntryType::answered:
      check(payload, albicilla::parse_answered, albicilla::append_answered);
      break;
    default:
      break;
  }
  return 0;
}
