// Words that stand in the head of every answer of the mock provider.
#pragma once

#include <string_view>

namespace albicilla::mock {

std::string_view reason_of(unsigned status);

// "Sat, 21 Nov 2026 01:34:00 GMT", made once a second. Valid until the next call of this thread.
std::string_view http_date();

}  // namespace albicilla::mock
