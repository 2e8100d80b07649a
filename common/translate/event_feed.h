// The upstream's event stream for a translator: events and comments in their order, with a bound on
// what one event may hold. A comment is how a gateway says that its model still thinks; it must
// reach an impatient client as something. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "common/sse/sse_parser.h"

namespace albicilla {

struct FedEvent {
  bool is_comment = false;
  SseEvent event;  // empty for a comment
};

// Not thread safe: one feed belongs to one stream.
class EventFeed {
 public:
  static constexpr std::size_t kMostEventBytes = 64 * 1024 * 1024;

  // Bytes cut anywhere; what they complete.
  std::vector<FedEvent> feed(std::string_view bytes);
  std::vector<FedEvent> finish();
  // An event grew beyond the bound; nothing more is returned.
  bool overflowed() const { return overflowed_; }

 private:
  void take(std::string_view bytes, std::vector<FedEvent>& fed);

  SseParser parser_;
  bool at_line_start_ = true;
  bool in_comment_ = false;
  std::size_t pending_ = 0;  // bytes since the last event or comment
  bool overflowed_ = false;
};

}  // namespace albicilla
