// What a request's head may look like before anything else sees it. Beast has already refused what
// is not HTTP; this refuses what two servers could read differently (request smuggling) and what
// would let a client choose the upstream. Pure: a table of rows is its test.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/http/message.h"

namespace albicilla {

struct FramingRefusal {
  std::uint16_t status = 400;
  std::string_view reason;  // one line for the client and for our log; never text of theirs
  bool operator==(const FramingRefusal&) const = default;
};

// nullopt: the head is fine. The connection is closed after any refusal.
std::optional<FramingRefusal> check_request_framing(const RequestHead& head);

// The same care for an upstream's answer; the reason says what makes it a bad response.
std::optional<std::string_view> check_response_framing(const ResponseHead& head);

}  // namespace albicilla
