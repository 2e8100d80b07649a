// Words the events of one stream: lines, their ends, and the names that some APIs give them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/mock/directives.h"

namespace albicilla::mock {

class EventWriter {
 public:
  explicit EventWriter(const Directives& directives) : line_end_(directives.crlf ? "\r\n" : "\n") {}

  // An empty name writes the data alone.
  void add(std::string_view name, std::string_view data) {
    std::string event;
    event.reserve(name.size() + data.size() + 20);
    if (!name.empty()) event.append("event: ").append(name).append(line_end_);
    event.append("data: ").append(data).append(line_end_).append(line_end_);
    events_.push_back(std::move(event));
  }

  std::vector<std::string> take() { return std::move(events_); }

 private:
  std::string_view line_end_;
  std::vector<std::string> events_;
};

}  // namespace albicilla::mock
