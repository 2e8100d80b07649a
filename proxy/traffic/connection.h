// One client connection: reads heads, applies the framing policy, serves one exchange after the
// other, and ends in the way that lets the client see what it was told (connection_ends.cc).
#pragma once

#include <optional>
#include <string>

#include "proxy/traffic/client_side.h"
#include "proxy/traffic/exchange.h"
#include "proxy/traffic/own_reply.h"
#include "proxy/traffic/parts.h"
#include "proxy/traffic/relay.h"

namespace albicilla {

class Connection {
 public:
  // `parts` must outlive run().
  Connection(TrafficParts& parts, Socket socket, std::string peer);

  Task<void> run();

  // One exchange more at most; an idle connection ends after a moment in which it may still come.
  // From the loop.
  void drain();
  // Ends what is under way.
  void cut();

  const std::string& peer() const { return client_.peer; }

 private:
  Task<bool> begin();
  Task<bool> read_preamble();
  Task<bool> read_head(RequestParser& parser);
  Task<bool> serve(RequestParser& parser);
  Task<bool> serve_own_endpoint(RequestParser& parser, const Exchange& exchange);
  Task<bool> forward(RequestParser& parser, Exchange& exchange, RequestBody& body);
  Task<std::optional<bool>> read_first(RequestParser& parser, Exchange& exchange,
                                       RequestBody& body);
  Task<bool> translate(RequestParser& parser, Exchange& exchange, RequestBody& body,
                       const Translation* translation);
  Task<bool> count_tokens(RequestParser& parser, const Exchange& exchange, const RequestBody& body,
                          std::string_view json);
  Task<bool> send_on(RequestParser& parser, const Exchange& exchange, RequestBody& body,
                     const Plan& plan);
  Task<bool> read_body(RequestParser& parser, RequestBody& body);
  Task<bool> relay(RequestParser& parser, const RelayOrder& order, Capture& capture,
                   ErrorShape shape);

  bool is_too_large(const RequestParser& parser, const RequestBody& body) const;
  Task<bool> refuse(RequestParser& parser, const Exchange& exchange, const Reply& reply);
  Task<bool> refuse_full(const RequestParser& parser, const Exchange& exchange);
  Task<bool> refuse_framing(const RequestParser& parser, std::string_view target);
  Task<bool> answer(const Reply& reply, const RequestHead* request, bool keep);
  Task<void> finish();

  TrafficParts& parts_;
  ClientSide client_;
  Relay* relay_ = nullptr;
  bool first_ = true;
  bool idle_ = true;
  bool ended_idle_ = false;
  bool ending_ = false;  // an idle connection that has its last moment
  bool cut_ = false;
};

}  // namespace albicilla
