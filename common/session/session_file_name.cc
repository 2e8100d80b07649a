#include "common/session/session_file_name.h"

#include "common/base/digest.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostBytes = 128;
constexpr std::size_t kHashDigits = 8;

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string session_file_name(std::string_view session_id) {
  std::string name;
  bool changed = false;
  for (const char c : session_id) {
    if (is_safe(c)) {
      name.push_back(c);
    } else {
      changed = true;
      if (!continues_a_character(c)) name.push_back('_');
    }
    if (name.size() > kMostBytes) break;
  }
  if (name.empty()) name = "unknown", changed = true;
  if (!changed && name.size() <= kMostBytes) return name;
  if (name.size() > kMostBytes - kHashDigits - 1) name.resize(kMostBytes - kHashDigits - 1);
  return name + "~" + hex_prefix(sha256(session_id), kHashDigits);
}

}  // namespace albicilla
