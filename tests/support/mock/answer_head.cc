#include "tests/support/mock/answer_head.h"

#include <array>
#include <ctime>

namespace albicilla::mock {

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 529:
      return "Overloaded";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

std::string_view http_date() {
  thread_local std::time_t made_for = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_for) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made_for = now;
  }
  return {text.data(), size};
}

}  // namespace albicilla::mock
