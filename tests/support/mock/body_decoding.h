// Some clients compress what they send; the mock must read it as a provider would.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace albicilla::mock {

// `encoding` as in Content-Encoding: gzip, deflate or zstd. nullopt for others, for bytes that are
// not so encoded, and beyond 256 MiB.
std::optional<std::string> decode_body(std::string_view encoding, std::string_view bytes);

}  // namespace albicilla::mock
