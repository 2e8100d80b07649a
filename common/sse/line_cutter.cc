#include "common/sse/line_cutter.h"

#include <cstring>

namespace albicilla {

bool SseLineCutter::next(std::string_view& line) {
  if (rest_.empty()) return false;
  const char* const from = rest_.data();
  const char* const end = from + rest_.size();
  if (next_lf_ == nullptr || next_lf_ < from) {
    const void* const found = std::memchr(from, '\n', rest_.size());
    next_lf_ = found == nullptr ? end : static_cast<const char*>(found);
  }
  const void* const cr = std::memchr(from, '\r', static_cast<std::size_t>(next_lf_ - from));
  const char* const stop = cr == nullptr ? next_lf_ : static_cast<const char*>(cr);
  if (stop == end) return false;
  line = {from, static_cast<std::size_t>(stop - from)};
  const bool pair = *stop == '\r' && stop + 1 != end && stop[1] == '\n';
  ended_on_cr_ = *stop == '\r' && stop + 1 == end;
  rest_.remove_prefix(line.size() + (pair ? 2 : 1));
  return true;
}

SseField sse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {line, {}};
  std::string_view value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  return {line.substr(0, colon), value};
}

}  // namespace albicilla
