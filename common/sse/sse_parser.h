// Splits a text/event-stream byte stream into events, as the WHATWG HTML standard defines them
// (9.2.6): CRLF, CR and LF end lines, a space after the colon is dropped, comments are ignored, a
// BOM at the start is dropped. Pure: no I/O and no clock, so the proxy, the sender and the fuzzer
// share it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace albicilla {

struct SseEvent {
  std::string name;  // "message" when the stream names none
  std::string data;  // data lines joined with '\n', without the last '\n'
  bool operator==(const SseEvent&) const = default;
};

// Not thread safe: one parser belongs to one stream.
class SseParser {
 public:
  // Takes the next bytes, cut anywhere, and returns the events that they complete.
  std::vector<SseEvent> feed(std::string_view bytes);
  // The event that the stream's end left without its blank line, if it had data: the standard drops
  // it, a log must not.
  std::vector<SseEvent> finish();

 private:
  void take_line(std::string_view line, std::vector<SseEvent>& events);
  void end_event(std::vector<SseEvent>& events);

  std::string line_;
  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool last_was_cr_ = false;
  bool at_start_ = true;
};

}  // namespace albicilla
