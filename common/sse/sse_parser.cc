#include "common/sse/sse_parser.h"

#include "common/sse/line_cutter.h"

namespace albicilla {

std::vector<SseEvent> SseParser::feed(std::string_view bytes) {
  std::vector<SseEvent> events;
  if (bytes.empty()) return events;
  if (last_was_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);  // a CRLF cut in two
  last_was_cr_ = false;
  SseLineCutter lines(bytes);
  for (std::string_view line; lines.next(line);) {
    if (line_.empty()) {
      take_line(line, events);
    } else {
      line_.append(line);
      take_line(line_, events);
      line_.clear();
    }
  }
  last_was_cr_ = lines.ended_on_cr();
  line_.append(lines.rest());
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
  const SseField field = sse_field(line);
  if (field.name == "data") {
    if (has_data_) data_.push_back('\n');
    data_.append(field.value);
    has_data_ = true;
  } else if (field.name == "event") {
    name_ = field.value;
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
