// What a session was about, as far as its name tells: "shop-3f2c…-uuid" and "shop-1736762400123…"
// are runs of the scenario "shop". Pure.
#pragma once

#include <string>
#include <string_view>

namespace albicilla {

// The session's name without a UUID or a time in nanoseconds at its end.
std::string scenario_of(std::string_view session);

}  // namespace albicilla
