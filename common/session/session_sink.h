// Which of several sinks keeps an exchange. The same in every worker and after every restart, so a
// session's lines stay together as long as the number of sinks stays. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/record/record.h"

namespace albicilla {

// By hash of the id where a header of the client's named the session; all others go to the first.
std::uint32_t sink_of_session(std::string_view session_id, SessionSource source,
                              std::uint32_t sinks);

}  // namespace albicilla
