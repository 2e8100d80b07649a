// The dialects, in the order in which they are asked.
#pragma once

#include <string_view>

#include "common/dialect/dialect.h"
#include "common/dialect/terminal_scanner.h"

namespace albicilla {

// By method and path alone (path as sent, with or without the leading /v1); passthrough when none
// fits. The body may correct it later (dialect_of_body): some clients post one API's JSON to
// another's path.
const Dialect& dialect_of_path(std::string_view method, std::string_view path);

// `body` is the request's JSON text; returns `by_path` unless the body clearly speaks another one.
const Dialect& dialect_of_body(const Dialect& by_path, std::string_view body);

// By Dialect::name(); passthrough for unknown names (a record of a newer version).
const Dialect& dialect_named(std::string_view name);

// By what a stream's event says of itself, for answers in another shape than the request's;
// `by_request` when it says nothing clear.
const Dialect& dialect_of_event(const Dialect& by_request, const SseEvent& event);

}  // namespace albicilla
