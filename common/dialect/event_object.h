// The first step of every assembler: an event's data is a JSON object or it is not. What is not, is
// kept as text, so that an assembled object still holds everything that the stream said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/sse/sse_parser.h"

namespace albicilla {

// Data of the event when it is a valid JSON object, else empty.
std::string_view event_object(const SseEvent& event);

// Events that fit nowhere; written as a member `"unassembled":["..."]` of the assembled object.
class UnassembledEvents {
 public:
  void add(const SseEvent& event);
  bool empty() const { return texts_.empty(); }
  // Appends `,"unassembled":[...]`, or nothing when there are none.
  void write_member(std::string& out) const;

 private:
  std::vector<std::string> texts_;
};

}  // namespace albicilla
