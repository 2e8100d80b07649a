// The decision about one request, as a value: which upstream, which target, which head goes on the
// wire, which body. Pure: takes what was read and the settings, does nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/http/message.h"
#include "proxy/traffic/planned_translation.h"
#include "proxy/traffic/settings.h"

namespace albicilla {

struct Plan {
  const Upstream* upstream = nullptr;
  std::string head;  // the upstream request's head, ready to be written
  // Instead of the client's body, framed for the wire; its length already stands in the head.
  std::optional<std::string> body;
  bool web_socket = false;  // the head asks for one
  std::optional<PlannedTranslation> translated;
};

struct PlanRequest {
  const RequestHead& head;   // the client's
  const Headers& headers;    // its fields, or what the middlewares made of them
  std::string_view dialect;  // Dialect::name() of what the client speaks
  // The body of a generating call, when it was read as a whole before the request goes on.
  std::optional<std::string_view> json;
};

Plan make_plan(const TrafficSettings& settings, const PlanRequest& request);

// What stands between this client and its upstream; nullptr: the request goes on as it came.
const Translation* translation_for(const TrafficSettings& settings, const PlanRequest& request);

// `request.json` is the body, its content decoded; `terms` hold what only the caller knows. An
// error's fault is `client`: what the other API cannot say.
Result<Plan> make_translated_plan(const TrafficSettings& settings, const PlanRequest& request,
                                  const Translation& translation, const AnswerTerms& terms);
// POST /v1/messages/count_tokens for an upstream that has no such endpoint.
bool asks_for_token_count(const TrafficSettings& settings, const PlanRequest& request);

// Our own endpoints (SPEC.md), by exact path; everything else goes upstream.
bool is_own_endpoint(std::string_view method, std::string_view path);

// For our own endpoints: the control server learns who asks, and that a worker says so.
Plan make_control_plan(const TrafficSettings& settings, const Upstream& control,
                       const RequestHead& head, std::string_view client_ip);

// A body that may hold what we look for (a model, a session): a generating call's, not compressed.
bool is_worth_reading(const RequestHead& head, const Dialect& dialect);

// `json` with `"model":"<model>"` where it names none; nullopt when it names one or is no object.
std::optional<std::string> with_default_model(std::string_view json, std::string_view model);

}  // namespace albicilla
