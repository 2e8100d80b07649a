// A request as the mock provider got it: views that live as long as the connection's buffers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/http_framing.h"

namespace albicilla::mock {

struct Request {
  std::string_view method;
  std::string_view target;  // with query
  std::string_view path;
  const support::MessageHead* head = nullptr;
  std::string_view body;
  std::uint64_t number = 0;  // of this provider's requests, from 1
};

}  // namespace albicilla::mock
