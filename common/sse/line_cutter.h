// Cuts bytes of an event stream into lines at LF, CR or CRLF, by memchr: the one loop that sees
// every streamed byte, shared by everything that reads streams. Pure.
#pragma once

#include <string_view>

namespace albicilla {

// Over one buffer. What stands behind the last line end is `rest()`; the owner of the stream keeps
// it for the next buffer, and drops that buffer's leading LF when this one ended on CR.
class SseLineCutter {
 public:
  explicit SseLineCutter(std::string_view bytes) : rest_(bytes) {}

  // The next whole line without its end; false when there is none.
  bool next(std::string_view& line);
  std::string_view rest() const { return rest_; }
  bool ended_on_cr() const { return ended_on_cr_; }

 private:
  std::string_view rest_;
  // Where the next LF stands, looked up once: a stream of lone CRs must not search it every line.
  const char* next_lf_ = nullptr;
  bool ended_on_cr_ = false;
};

// A line's field name and its value without the one space behind the colon.
struct SseField {
  std::string_view name;  // empty for a comment
  std::string_view value;
};
SseField sse_field(std::string_view line);

}  // namespace albicilla
