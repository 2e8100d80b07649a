// Which session a request belongs to, as far as the request alone can say (SPEC.md, Sessions).
// What only the history can say is left to the sink. Pure: every worker gives the same answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/id128.h"
#include "common/http/headers.h"
#include "common/record/record.h"

namespace albicilla {

struct SessionRules {
  std::string header = "agent-session-id";
  bool require_header = true;  // generating calls without a session header are refused
  bool allow_bearer = false;   // rule 5
  bool history = false;        // rule 6: leave the rest to the sink instead of making one up
};

struct SessionRequest {
  const Headers& headers;
  bool generates = true;  // Dialect::generates()
  std::string_view body;  // JSON text; empty when it is not known yet or not JSON
  ExchangeId exchange;    // names the anonymous session of one request
};

struct SessionHint {
  std::string id;  // the true id, not the file name; empty when the source is none
  SessionSource source = SessionSource::none;
  bool operator==(const SessionHint&) const = default;
};

// True when the headers do not decide and a body rule might: resolve again once the body is there.
bool session_needs_body(const SessionRules& rules, const SessionRequest& request);

// nullopt: the request must be refused (400, session header missing). `secret` keys the id derived
// from a token; while it is empty that rule does not apply.
std::optional<SessionHint> resolve_session(const SessionRules& rules, const SessionRequest& request,
                                           std::string_view secret);

}  // namespace albicilla
