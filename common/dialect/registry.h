// The dialects, in the order in which they are asked.
#pragma once

#include <string_view>

#include "common/dialect/dialect.h"

namespace albicilla {

// By method and path alone (path as sent, with or without the leading /v1); passthrough when none
// fits. The body may correct it later (dialect_of_body): some clients post one API's JSON to
// another's path.
const Dialect& dialect_of_path(std::string_view method, std::string_view path);

// `body` is the request's JSON text; returns `by_path` unless the body clearly speaks another one.
const Dialect& dialect_of_body(const Dialect& by_path, std::string_view body);

// By Dialect::name(); passthrough for unknown names (a record of a newer version).
const Dialect& dialect_named(std::string_view name);

// Finds the end of an event stream: feed() takes the next bytes of the stream, cut anywhere, and is
// true from the call on that brought the terminal event. Belongs to one stream.
class TerminalScanner {
 public:
  explicit TerminalScanner(const Dialect& dialect) : dialect_(&dialect) {}
  bool feed(std::string_view bytes);
  bool seen() const { return seen_; }

 private:
  const Dialect* dialect_;
  SseParser parser_;
  bool seen_ = false;
};

}  // namespace albicilla
