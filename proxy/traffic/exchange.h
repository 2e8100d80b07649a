// One client request and its response, as the data plane sees it: what has been read of the request
// and what was found out about it. Lives in the coroutine that serves it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/id128.h"
#include "common/dialect/dialect.h"
#include "common/http/message.h"
#include "common/session/session_hint.h"

namespace albicilla {

struct Exchange {
  ExchangeId id;
  WallTime started_at;
  SteadyTime started;
  RequestHead head;  // as the client sent it
  // What goes upstream instead of the client's fields, when a middleware may have changed them.
  std::optional<Headers> upstream_headers;
  const Dialect* dialect = nullptr;
  SessionHint session;
  std::string client_ip;
  std::string user_id;
  std::string client_app;
  std::uint32_t attempt = 0;
  bool unlogged = false;   // goes on without a record: the spool is full
  bool continued = false;  // the client has been told "100 Continue"
};

}  // namespace albicilla
