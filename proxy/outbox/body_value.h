// A body as a JSON value of a line: JSON as sent, text as a string, a stream as the object that it
// makes, anything else as base64. Always valid JSON in UTF-8 without a newline. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/dialect/dialect.h"
#include "common/http/headers.h"
#include "proxy/outbox/redactor.h"

namespace albicilla {

struct BodyView {
  std::string_view bytes;  // as they went over the wire, perhaps cut by the capture's cap
  const Headers& headers;
  std::size_t most_decoded_bytes;  // cap for what a Content-Encoding may turn into
  Redactor* redactor = nullptr;    // null: nothing is to be taken out
};

// Where the value stands in the text that it was appended to.
struct AppendedValue {
  std::size_t at = 0;
  std::size_t size = 0;
  bool is_json = false;  // as sent or assembled, not wrapped as text or base64
  bool capped = false;   // decoding stopped at the cap

  // The JSON text for those who look into it, empty when the value is not JSON of the body's own.
  std::string_view json(std::string_view text) const {
    return is_json ? text.substr(at, size) : std::string_view();
  }
};

// An empty body is null.
AppendedValue append_body(std::string& out, const BodyView& body);

// The body of an event stream, assembled by the dialect or by the one that its events speak.
AppendedValue append_stream(std::string& out, const BodyView& body, const Dialect& dialect);

// Whatever it is, as base64: for records whose rendering is not to be tried again. With a redactor,
// which may not look into it, only its size.
AppendedValue append_binary(std::string& out, const BodyView& body);

}  // namespace albicilla
