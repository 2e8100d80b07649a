// How many tokens an exchange cost: what the API said, else an estimate that says it is one. Pure.
#pragma once

#include <string_view>

#include "common/dialect/dialect.h"

namespace albicilla {

// What the model read and what it wrote, each as the JSON text that is logged; empty when there is
// none or it is no JSON.
struct MeteredTexts {
  std::string_view request;
  std::string_view response;
};

// exact: the response says it. estimated: a generating call whose answer holds text but no (or, cut
// short, only the first half of) usage: UTF-8 bytes / 4, rounded up. unknown: anything else.
// `said` are the facts of that response.
Usage meter(const Dialect& dialect, const MeteredTexts& texts, const ResponseFacts& said);

// UTF-8 bytes of all text in a JSON value that a model reads or writes: strings, but not the names
// of things (ids, types, roles), nor data (images, signatures).
std::uint64_t text_bytes(std::string_view json);

std::string_view to_string(Usage::Source source);

}  // namespace albicilla
