// What happens to a request between its head and its plan: the session is looked up, the
// middlewares are asked in their order. Either the request goes on, or here is the answer.
#pragma once

#include <optional>

#include "proxy/traffic/exchange.h"
#include "proxy/traffic/own_reply.h"
#include "proxy/traffic/parts.h"

namespace albicilla {

// nullopt: go on. Fills in the session and what middlewares annotate.
std::optional<Reply> run_pipeline(TrafficParts& parts, Exchange& exchange);

// Once the body is known, where that decides the session (SPEC.md, Sessions, rule 4).
bool session_needs_body(const TrafficParts& parts, const Exchange& exchange);
void resolve_session_of_body(const TrafficParts& parts, Exchange& exchange, std::string_view body);

}  // namespace albicilla
