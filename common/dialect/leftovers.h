// What every assembler must do with events that are no deltas: data that is no JSON object, errors
// inside the stream, events that fit nowhere. They are kept, so that an assembled object still
// holds everything that the stream said. Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/dialect/growing_value.h"
#include "common/sse/sse_parser.h"

namespace albicilla {

// Data of the event when it is a valid JSON object, else empty.
std::string_view event_object(const SseEvent& event);

class Leftovers {
 public:
  // The error object of an error event (raw).
  void add_error(std::string_view error) { errors_.emplace_back(error); }
  // An event whose data says something that no member of the object can hold.
  void add_event(const SseEvent& event);

  const std::vector<std::string>& errors() const { return errors_; }

  // Adds members `error`, `errors` when there is more than one, and `unassembled` with the texts of
  // the events; whatever is empty is left out.
  void add_to(GrowingValue& object) const;

 private:
  std::vector<std::string> errors_;
  std::vector<std::string> events_;
};

}  // namespace albicilla
