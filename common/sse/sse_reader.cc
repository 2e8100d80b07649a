#include "common/sse/sse_reader.h"

namespace albicilla {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

SseReader::SseReader(std::string_view stream)
    : lines_(stream.starts_with(kByteOrderMark) ? stream.substr(kByteOrderMark.size()) : stream) {}

bool SseReader::next_line(std::string_view& line) {
  if (lines_.next(line)) return true;
  if (at_end_) return false;
  at_end_ = true;
  line = lines_.rest();
  return !line.empty();
}

bool SseReader::next(SseEvent& event) {
  event.name.clear();
  event.data.clear();
  bool has_data = false;
  std::string_view line;
  while (next_line(line)) {
    if (line.empty()) {
      if (has_data) break;
      event.name.clear();
      continue;
    }
    const SseField field = sse_field(line);
    if (field.name == "data") {
      if (has_data) event.data.push_back('\n');
      event.data.append(field.value);
      has_data = true;
    } else if (field.name == "event") {
      event.name = field.value;
    }
  }
  if (event.name.empty()) event.name = "message";
  return has_data;
}

}  // namespace albicilla
