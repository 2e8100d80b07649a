// What the supervisor's own endpoints answer, without the server that carries them: each is a
// function of the request and of what the supervisor knows. Asked from the server's threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/counters.h"
#include "common/base/result.h"
#include "common/base/token_table.h"
#include "common/record/wire.h"
#include "proxy/config/config.h"
#include "proxy/control/key_ring.h"

namespace albicilla {

// Must be thread safe and outlive whoever asks.
struct ControlSources {
  std::function<std::shared_ptr<const Config>()> config;  // the one in force
  std::function<CounterSums()> counters;
  std::function<TokenSums()> tokens;
  std::function<bool()> draining;
  std::function<bool()> sinks_reached;  // every worker has, once since the start
  // A session's file prefix, empty for none; returns once the sink has it durably.
  std::function<Status(const std::string& session, const std::string& prefix)> set_prefix;
  std::function<SessionCounts()> sessions;
  FileSystem& files;  // for the keys file
};

struct ControlRequest {
  std::string peer;  // address of the client, as the worker saw it
  std::string admin_token;
  std::string authorization;
  std::string accept;
  std::string_view body;
};

struct ControlReply {
  int status = 200;
  std::string body;
  const char* type = "application/json";
};

// GET /, /health, /healthz, /readyz: for everybody.
ControlReply service_reply(const ControlSources& sources);
ControlReply health_reply(const ControlSources& sources);
ControlReply healthz_reply(const ControlSources& sources);
ControlReply ready_reply(const ControlSources& sources);

// GET /metrics and /config: for local peers and holders of the admin token; /metrics also for
// --metrics-allow.
ControlReply metrics_reply(const ControlSources& sources, const ControlRequest& request);
ControlReply config_reply(const ControlSources& sources, const ControlRequest& request);

// POST /admin/keys/upsert, GET /admin/keys, DELETE /admin/keys/USER: for holders of the admin
// token.
ControlReply upsert_key_reply(const ControlSources& sources, const ControlRequest& request);
ControlReply list_keys_reply(const ControlSources& sources, const ControlRequest& request);
ControlReply remove_key_reply(const ControlSources& sources, const ControlRequest& request,
                              const std::string& user);

// POST /sessions: as /config.
ControlReply sessions_reply(const ControlSources& sources, const ControlRequest& request);

ControlReply no_endpoint_reply();

}  // namespace albicilla
