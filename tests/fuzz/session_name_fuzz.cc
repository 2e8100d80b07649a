// Properties: any session id makes one safe file name, of letters, digits, '_', '-' and one '~' at
// most; a safe id is its own name, and an id that was changed never takes the name of one that was
// not.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/session/session_file_name.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view id(reinterpret_cast<const char*>(bytes), size);
  const std::string name = albicilla::session_file_name(id);
  expect(!name.empty() && name.size() <= 128);
  expect(name == albicilla::session_file_name(id));
  const std::size_t mark = name.find('~');
  expect(std::all_of(name.begin(),
                     name.begin() + static_cast<std::ptrdiff_t>(std::min(mark, name.size())),
                     is_safe));
  if (mark != std::string::npos) {
    expect(name.size() - mark == 9);
    expect(name.find_first_not_of("0123456789abcdef", mark + 1) == std::string::npos);
  }
  const bool safe = !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), is_safe);
  expect(safe == (name == id));
  expect(safe == (mark == std::string::npos));
  return 0;
}
