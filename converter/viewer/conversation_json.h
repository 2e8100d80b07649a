// A session's branches, and one of them message by message, as the API gives them (API.md,
// Conversation).
#pragma once

#include <cstddef>
#include <string>

#include "common/base/result.h"
#include "converter/viewer/reconstruction.h"

namespace albicilla::viewer {

// The object of the API behind `out`. An error means that the session's texts could not be read.
Status write_conversation(std::string& out, Reconstruction& session, std::size_t branch);

}  // namespace albicilla::viewer
