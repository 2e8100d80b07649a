#include "common/sse/sse_parser.h"

namespace albicilla {

std::vector<SseEvent> SseParser::feed(std::string_view bytes) {
  std::vector<SseEvent> events;
  std::size_t start = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c != '\n' && c != '\r') {
      last_was_cr_ = false;
      continue;
    }
    if (c == '\n' && last_was_cr_) {  // second half of CRLF, also across two feeds
      last_was_cr_ = false;
      start = i + 1;
      continue;
    }
    last_was_cr_ = c == '\r';
    if (line_.empty()) {
      take_line(bytes.substr(start, i - start), events);
    } else {
      line_.append(bytes.substr(start, i - start));
      take_line(line_, events);
      line_.clear();
    }
    start = i + 1;
  }
  line_.append(bytes.substr(start));
  return events;
}

std::vector<SseEvent> SseParser::finish() {
  std::vector<SseEvent> events;
  if (!line_.empty()) {
    const std::string line = std::move(line_);
    line_.clear();
    take_line(line, events);
  }
  end_event(events);
  return events;
}

void SseParser::take_line(std::string_view line, std::vector<SseEvent>& events) {
  if (at_start_) {
    at_start_ = false;
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  }
  if (line.empty()) return end_event(events);
  const std::size_t colon = line.find(':');
  if (colon == 0) return;  // a comment
  const std::string_view field = line.substr(0, colon);
  std::string_view value;
  if (colon != std::string_view::npos) {
    value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
  }
  if (field == "data") {
    if (has_data_) data_.push_back('\n');
    data_.append(value);
    has_data_ = true;
  } else if (field == "event") {
    name_ = value;
  }
}

void SseParser::end_event(std::vector<SseEvent>& events) {
  if (has_data_) {
    events.push_back({name_.empty() ? "message" : std::move(name_), std::move(data_)});
  }
  name_.clear();
  data_.clear();
  has_data_ = false;
}

}  // namespace albicilla
