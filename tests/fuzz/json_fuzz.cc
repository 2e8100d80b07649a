// Properties: whatever the tree's parser takes, check_json takes; what check_json takes can be
// walked, minified to the same value and put into a line; any bytes at all become a valid string.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/json/scan.h"
#include "common/json/tree.h"
#include "common/json/walk.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void walk(std::string_view raw) {
  albicilla::JsonMember member;
  for (albicilla::JsonMembers members(raw); members.next(member);) {
    expect(albicilla::check_json(member.value).has_value());
    walk(member.value);
  }
  std::string_view element;
  for (albicilla::JsonElements elements(raw); elements.next(element);) {
    expect(albicilla::check_json(element).has_value());
    walk(element);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);

  std::string quoted;
  albicilla::append_json_string(quoted, text);
  const auto shape = albicilla::check_json(quoted);
  expect(shape && !shape->raw_newline);
  expect(albicilla::is_utf8(text) == albicilla::is_utf8_in_bulk(text));
  if (albicilla::is_utf8(text)) expect(albicilla::json_text(quoted) == text);

  albicilla::JsonMember member;
  for (albicilla::JsonMembers members(text); members.next(member);) {
  }
  if (!albicilla::check_json(text)) {
    expect(!albicilla::parse_json(text));
    return 0;
  }
  walk(text);
  std::string small;
  albicilla::append_minified(small, text);
  const auto small_shape = albicilla::check_json(small);
  expect(small_shape && !small_shape->raw_newline);
  const auto tree = albicilla::parse_json(text);
  if (tree) {
    expect(*tree == *albicilla::parse_json(small));
    expect(albicilla::check_json(albicilla::dump_json(*tree)).has_value());
  }
  return 0;
}
