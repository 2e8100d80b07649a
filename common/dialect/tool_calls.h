// The tool calls of one message while their pieces come in. Private to this room.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "common/dialect/growing_value.h"
#include "common/dialect/repeated_event.h"

namespace albicilla {

class ToolCalls {
 public:
  // A delta's `tool_calls` array (raw).
  void grow(std::string_view array, EventWords& words);
  bool empty() const { return calls_.empty(); }
  // Appends the array, in the order of the stream's indices.
  void write(std::string& out);

 private:
  struct Call {
    std::uint64_t index = 0;
    std::string id;  // raw, empty until known
    GrowingValue value;
  };
  Call& call_of(std::string_view delta);
  static void grow_callee(Call& call, const JsonMember& part, bool repeats_id, EventWords& words);

  std::deque<Call> calls_;
};

}  // namespace albicilla
