// Answers of the API from results, and parameters from requests: what its handlers share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "converter/viewer/api.h"

namespace albicilla::viewer {

ApiAnswer from_error(const Error& error);
ApiAnswer json_answer(std::string body, int status = 200);

// A whole number from a parameter, at most `most`.
std::size_t count_parameter(const ApiRequest& request, std::string_view name, std::size_t standard,
                            std::size_t most);

}  // namespace albicilla::viewer
