// Base64 with padding (RFC 4648, 4): how bytes that are no text stand in JSON. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace albicilla {

void append_base64(std::string& out, std::string_view bytes);
// nullopt for anything that append_base64 does not write.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace albicilla
