// Takes credentials out of headers and query strings before they become facts: from here on no
// spool, line, metric or log of ours ever holds one. The traffic itself is never touched.
// Pure, thread safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/http/headers.h"

namespace albicilla {

// Stands where a secret stood.
inline constexpr std::string_view kRedacted = "[REDACTED]";

// A copy in which every credential reads kRedacted; an authentication scheme's word before it stays
// ("Bearer [REDACTED]"). Besides the headers that are credentials by name: API keys in other
// headers (a WebSocket subprotocol, say) and secrets in the query of a URL (Referer, Location).
Headers redact_headers(const Headers& headers);

// The query without '?': values of key=, api_key=, access_token= and the like read kRedacted, all
// other bytes stay as sent.
std::string redact_query(std::string_view query);

// How many values redact_headers or redact_query replaced, seen from the result.
std::uint64_t count_redacted(const Headers& redacted);
std::uint64_t count_redacted(std::string_view redacted_query);

}  // namespace albicilla
