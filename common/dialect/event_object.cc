#include "common/dialect/event_object.h"

#include "common/json/scan.h"

namespace albicilla {

std::string_view event_object(const SseEvent& event) {
  const std::string_view data = event.data;
  const std::size_t start = data.find_first_not_of(" \t\n");
  if (start == std::string_view::npos || data[start] != '{' || !check_json(data)) return {};
  return data.substr(start);
}

void UnassembledEvents::add(const SseEvent& event) {
  const bool named = event.name != "message";
  texts_.push_back(named ? "event: " + event.name + "\ndata: " + event.data : event.data);
}

void UnassembledEvents::write_member(std::string& out) const {
  if (texts_.empty()) return;
  std::string_view before = ",\"unassembled\":[";
  for (const std::string& text : texts_) {
    out.append(before);
    append_json_string(out, text);
    before = ",";
  }
  out.push_back(']');
}

}  // namespace albicilla
