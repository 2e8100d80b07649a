// The upgrade to a WebSocket (RFC 6455, 4): who asks for one, and whether the upstream's 101 says
// what was asked for. The handshake stays between client and upstream; we only make sure that both
// have agreed on the same thing before their bytes go past unread. Pure; OpenSSL (SHA-1) stays
// behind the .cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/http/message.h"

namespace albicilla {

// GET over HTTP/1.1 without a body, upgrade and key. Any other Upgrade (h2c) is ignored.
bool asks_for_web_socket(const RequestHead& head);

// Why this 101 does not fit that request; nullopt when it does.
std::optional<std::string_view> check_switch(const RequestHead& asked, const ResponseHead& answer);

// What the two agreed on, as far as it decides how to read their frames.
struct WebSocketTerms {
  bool deflate = false;
  bool client_keeps_context = false;
  bool server_keeps_context = false;
  bool operator==(const WebSocketTerms&) const = default;
};
WebSocketTerms web_socket_terms(const ResponseHead& answer);

// The value of Sec-WebSocket-Accept.
std::string web_socket_accept(std::string_view key);

}  // namespace albicilla
