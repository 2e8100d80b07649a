// The heads of an HTTP/1 request and response as values: spelling, order and duplicates as they
// came. Bodies are never held here; they flow past as bytes.
#pragma once

#include <cstdint>
#include <string>

#include "common/http/headers.h"

namespace albicilla {

struct RequestHead {
  std::string method;
  std::string target;  // raw, as it stood in the request line
  int minor_version = 1;
  Headers headers;
  bool operator==(const RequestHead&) const = default;
};

struct ResponseHead {
  std::uint16_t status = 200;
  std::string reason;
  int minor_version = 1;
  Headers headers;
  bool operator==(const ResponseHead&) const = default;
};

// Wire form of a head, with the empty line behind it. Always says HTTP/1.1: the version belongs to
// the hop, not to the message.
void append_head(std::string& out, const RequestHead& head);
void append_head(std::string& out, const ResponseHead& head);

// The usual words for a status ("Bad Gateway"); "Status" for one that has none here.
std::string_view usual_reason(std::uint16_t status);

}  // namespace albicilla
