// Reads the events of a stream whose bytes are all there, as SseParser would give them, into one
// event that is used again and again: no allocation per event.
#pragma once

#include <string_view>

#include "common/sse/line_cutter.h"
#include "common/sse/sse_parser.h"

namespace albicilla {

class SseReader {
 public:
  // `stream` must outlive the reader.
  explicit SseReader(std::string_view stream);
  // False at the end. An event that the end cut short is given too, as by SseParser::finish.
  bool next(SseEvent& event);

 private:
  bool next_line(std::string_view& line);

  SseLineCutter lines_;
  bool at_end_ = false;
};

}  // namespace albicilla
