#include "common/translate/event_feed.h"

#include <utility>

namespace albicilla {

std::vector<FedEvent> EventFeed::feed(std::string_view bytes) {
  std::vector<FedEvent> fed;
  while (!bytes.empty() && !overflowed_) {
    if (at_line_start_ && bytes.front() == ':') in_comment_ = true;
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::size_t size = end == std::string_view::npos ? bytes.size() : end + 1;
    at_line_start_ = end != std::string_view::npos;
    take(bytes.substr(0, size), fed);
    if (at_line_start_ && std::exchange(in_comment_, false)) {
      fed.push_back({true, {}});
      pending_ = 0;
    }
    bytes.remove_prefix(size);
  }
  return fed;
}

std::vector<FedEvent> EventFeed::finish() {
  std::vector<FedEvent> fed;
  if (overflowed_) return fed;
  for (SseEvent& event : parser_.finish()) fed.push_back({false, std::move(event)});
  return fed;
}

void EventFeed::take(std::string_view bytes, std::vector<FedEvent>& fed) {
  pending_ += bytes.size();
  if (pending_ > kMostEventBytes) {
    overflowed_ = true;
    return;
  }
  for (SseEvent& event : parser_.feed(bytes)) {
    fed.push_back({false, std::move(event)});
    pending_ = 0;
  }
}

}  // namespace albicilla
