// Base URLs of upstreams and request targets, as values. A target is never decoded or normalised:
// what the client wrote is what goes on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

// "https://api.openai.com/v1" -> https, api.openai.com, 443, "/v1". An IPv6 host has no brackets
// here.
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // without the trailing '/'; empty for the root
  bool operator==(const Url&) const = default;
};

// Accepts http and https with an optional port and path; refuses user info, query, fragment and
// whatever could not stand in a Host field.
Result<Url> parse_base_url(std::string_view text);

// What stands in the Host field: the port only when it is not the scheme's own.
std::string host_field(const Url& url);

// The URL as text again, without a trailing '/'.
std::string to_string(const Url& url);

struct TargetParts {
  std::string_view path;
  std::string_view query;  // without '?'
  bool has_query = false;
};

// Cuts at the first '?'. The views live as long as `target`.
TargetParts split_target(std::string_view target);

// The target to ask the upstream for: base path + target, with exactly one "/v1" when the base path
// ends in it.
std::string join_target(const Url& base, std::string_view target);

}  // namespace albicilla
