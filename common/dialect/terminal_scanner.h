// Finds the terminal event of a stream on the worker's event loop, where every streamed byte
// passes: it looks at line ends and at the first bytes of each event only, and allocates nothing.
#pragma once

#include <string_view>

#include "common/dialect/dialect.h"

namespace albicilla {

// feed() takes the next bytes of the stream, cut anywhere, and is true from the call on that
// brought the terminal event. Belongs to one stream; not thread safe.
class TerminalScanner {
 public:
  explicit TerminalScanner(const Dialect& dialect) : dialect_(&dialect) {}
  bool feed(std::string_view bytes);
  bool seen() const { return seen_; }

 private:
  void take_line(std::string_view line);
  void end_event();

  const Dialect* dialect_;
  std::string line_;  // beginning of a line that the next bytes go on with
  SseEvent event_;    // its data is the beginning only, see kTerminalPrefix
  bool has_data_ = false;
  bool last_was_cr_ = false;
  bool at_start_ = true;
  bool seen_ = false;
};

}  // namespace albicilla
