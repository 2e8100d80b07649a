// The known name that a mistyped one most likely meant, for "did you mean" in usage errors. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace albicilla {

// Empty when nothing comes near: more than a third of the letters (at least two) would change.
std::string nearest_name(std::string_view wanted, std::span<const std::string> known);

// ", did you mean --port?" or nothing.
std::string did_you_mean(std::string_view wanted, std::span<const std::string> known);

}  // namespace albicilla
