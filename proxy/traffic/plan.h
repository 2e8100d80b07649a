// The decision about one request, as a value: which upstream, which target, which head goes on the
// wire, which body. Pure: takes what was read and the settings, does nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/message.h"
#include "proxy/traffic/settings.h"

namespace albicilla {

struct Plan {
  const Upstream* upstream = nullptr;
  std::string head;  // the upstream request's head, ready to be written
  // Instead of the client's body; its length already stands in the head.
  std::optional<std::string> body;
};

struct PlanRequest {
  const RequestHead& head;
  const Dialect& dialect;
  // The whole body when it was read before the request goes on, else nullopt: then it streams.
  std::optional<std::string_view> body;
};

Plan make_plan(const TrafficSettings& settings, const PlanRequest& request);

// Our own endpoints (SPEC.md), by exact path; everything else goes upstream.
bool is_own_endpoint(std::string_view method, std::string_view path);

// For our own endpoints: the control server learns who asks, and that a worker says so.
Plan make_control_plan(const TrafficSettings& settings, const Upstream& control,
                       const RequestHead& head, std::string_view client_ip);

// Must the body be read before the request can go on? (A default model, a session in the body.)
bool needs_body(const TrafficSettings& settings, const RequestHead& head, const Dialect& dialect);

}  // namespace albicilla
