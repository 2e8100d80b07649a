#include "converter/scenario.h"

#include <algorithm>

namespace albicilla {

namespace {

constexpr std::size_t kNanoseconds = 19;
constexpr std::size_t kUuid = 36;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_uuid(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f') ||
                     (text[i] >= 'A' && text[i] <= 'F');
    if (dash ? text[i] != '-' : !hex) return false;
  }
  return text.size() == kUuid;
}

}  // namespace

std::string scenario_of(std::string_view session) {
  for (const std::size_t length : {kNanoseconds, kUuid}) {
    if (session.size() <= length + 1 || session[session.size() - length - 1] != '-') continue;
    const std::string_view end = session.substr(session.size() - length);
    const bool is_run =
        length == kUuid ? is_uuid(end) : std::all_of(end.begin(), end.end(), is_digit);
    if (is_run) return std::string(session.substr(0, session.size() - length - 1));
  }
  return std::string(session);
}

}  // namespace albicilla
