#include "proxy/traffic/web_socket_handshake.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "common/base/base64.h"
#include "proxy/traffic/hop_fields.h"

namespace albicilla {
namespace {

std::string_view value_of(const Headers& headers, std::string_view name) {
  return find_header(headers, name).value_or(std::string_view());
}

// "permessage-deflate; x=1" -> "permessage-deflate"
std::string_view extension_name(std::string_view element) {
  std::string_view name = element.substr(0, element.find(';'));
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  return name;
}

// Extensions that the answer chose and the request had not offered.
bool has_foreign_extension(const Headers& asked, const Headers& answer) {
  bool foreign = false;
  each_list_element(answer, "sec-websocket-extensions", [&](std::string_view chosen) {
    bool offered = false;
    each_list_element(asked, "sec-websocket-extensions", [&](std::string_view offer) {
      offered = offered || same_name(extension_name(offer), extension_name(chosen));
    });
    foreign = foreign || !offered;
  });
  return foreign;
}

}  // namespace

bool asks_for_web_socket(const RequestHead& head) {
  const Headers& fields = head.headers;
  const bool has_body = find_header(fields, "transfer-encoding").has_value() ||
                        find_header(fields, "content-length").value_or("0") != "0";
  return head.method == "GET" && head.minor_version == 1 && !has_body &&
         has_token(fields, "connection", "upgrade") && has_token(fields, "upgrade", "websocket") &&
         count_header(fields, "sec-websocket-key") == 1;
}

std::optional<std::string_view> check_switch(const RequestHead& asked, const ResponseHead& answer) {
  const Headers& fields = answer.headers;
  if (!has_token(fields, "upgrade", "websocket")) return "switched to another protocol";
  if (!has_token(fields, "connection", "upgrade")) return "switched without saying so";
  const std::string_view key = value_of(asked.headers, "sec-websocket-key");
  if (count_header(fields, "sec-websocket-accept") != 1 ||
      value_of(fields, "sec-websocket-accept") != web_socket_accept(key)) {
    return "accepted another WebSocket than ours";
  }
  const std::size_t protocols = count_header(fields, "sec-websocket-protocol");
  if (protocols > 1) return "chose several subprotocols";
  if (protocols == 1) {
    bool offered = false;
    each_list_element(asked.headers, "sec-websocket-protocol", [&](std::string_view offer) {
      offered = offered || offer == value_of(fields, "sec-websocket-protocol");
    });
    if (!offered) return "chose a subprotocol that was not offered";
  }
  if (has_foreign_extension(asked.headers, fields)) {
    return "chose an extension that was not offered";
  }
  return std::nullopt;
}

WebSocketTerms web_socket_terms(const ResponseHead& answer) {
  WebSocketTerms terms;
  each_list_element(answer.headers, "sec-websocket-extensions", [&](std::string_view chosen) {
    if (!same_name(extension_name(chosen), "permessage-deflate")) return;
    terms.deflate = true;
    terms.client_keeps_context =
        chosen.find("client_no_context_takeover") == std::string_view::npos;
    terms.server_keeps_context =
        chosen.find("server_no_context_takeover") == std::string_view::npos;
  });
  return terms;
}

std::string web_socket_accept(std::string_view key) {
  std::string joined(key);
  joined += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(joined.data(), joined.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::string accept;
  append_base64(accept, {reinterpret_cast<const char*>(digest.data()), size});
  return accept;
}

}  // namespace albicilla
