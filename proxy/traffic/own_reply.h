// Answers of our own: errors in the shape that the path's clients expect, so that an SDK shows our
// message as it would show its provider's. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/dialect/dialect.h"
#include "common/http/message.h"

namespace albicilla {

// A whole answer that no upstream gave.
struct Reply {
  std::uint16_t status = 200;
  Headers headers;
  std::string body;
  bool operator==(const Reply&) const = default;
};

// `code` is the word for programs ("upstream_timeout"), also sent as x-albicilla-error.
Reply error_reply(ErrorShape shape, std::uint16_t status, std::string_view code,
                  std::string_view message);

// 400 with "required_headers" and "hint".
Reply missing_session_reply(ErrorShape shape, std::string_view session_header);

}  // namespace albicilla
