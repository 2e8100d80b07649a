#include "common/dialect/terminal_scanner.h"

#include "common/sse/line_cutter.h"

namespace albicilla {

namespace {

// Room for a field name, the colon and the space before the data that counts.
constexpr std::size_t kLinePrefix = kTerminalPrefix + 16;

void append_capped(std::string& to, std::string_view bytes, std::size_t most) {
  if (to.size() < most) to.append(bytes.substr(0, most - to.size()));
}

}  // namespace

bool TerminalScanner::feed(std::string_view bytes) {
  if (seen_ || bytes.empty()) return seen_;
  if (last_was_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);
  last_was_cr_ = false;
  SseLineCutter lines(bytes);
  for (std::string_view line; lines.next(line) && !seen_;) {
    if (line_.empty()) {
      take_line(line);
    } else {
      append_capped(line_, line, kLinePrefix);
      take_line(line_);
      line_.clear();
    }
  }
  last_was_cr_ = lines.ended_on_cr();
  append_capped(line_, lines.rest(), kLinePrefix);
  return seen_;
}

void TerminalScanner::take_line(std::string_view line) {
  if (at_start_) {
    at_start_ = false;
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  }
  if (line.empty()) return end_event();
  const SseField field = sse_field(line.substr(0, kLinePrefix));
  if (field.name == "data") {
    if (has_data_) append_capped(event_.data, "\n", kTerminalPrefix);
    append_capped(event_.data, field.value, kTerminalPrefix);
    has_data_ = true;
  } else if (field.name == "event") {
    event_.name.assign(field.value);
  }
}

void TerminalScanner::end_event() {
  if (has_data_) {
    if (event_.name.empty()) event_.name = "message";
    seen_ = dialect_->is_terminal(event_);
  }
  event_.name.clear();
  event_.data.clear();
  has_data_ = false;
}

}  // namespace albicilla
