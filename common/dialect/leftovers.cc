#include "common/dialect/leftovers.h"

#include "common/json/scan.h"

namespace albicilla {

std::string_view event_object(const SseEvent& event) {
  const std::string_view data = event.data;
  const std::size_t start = data.find_first_not_of(" \t\n");
  if (start == std::string_view::npos || data[start] != '{' || !check_json(data)) return {};
  return data.substr(start);
}

void Leftovers::add_event(const SseEvent& event) {
  const bool named = event.name != "message";
  events_.push_back(named ? "event: " + event.name + "\ndata: " + event.data : event.data);
}

void Leftovers::add_to(GrowingValue& object) const {
  for (const std::string& error : errors_) {
    GrowingValue& first = object.member("error");
    if (first.absent_or_null()) first.set(error);
    if (errors_.size() > 1) object.member("errors").push(error);
  }
  for (const std::string& text : events_) {
    std::string raw;
    append_json_string(raw, text);
    object.member("unassembled").push(raw);
  }
}

}  // namespace albicilla
