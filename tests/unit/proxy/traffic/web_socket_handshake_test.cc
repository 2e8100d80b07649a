#include "proxy/traffic/web_socket_handshake.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

RequestHead asking(const Headers& more = {}) {
  RequestHead head{"GET",
                   "/v1/responses",
                   1,
                   {{"Host", "x"},
                    {"Connection", "keep-alive, Upgrade"},
                    {"Upgrade", "websocket"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                    {"Sec-WebSocket-Version", "13"}}};
  head.headers.insert(head.headers.end(), more.begin(), more.end());
  return head;
}

ResponseHead switching(const Headers& more = {}) {
  ResponseHead head{101,
                    "Switching Protocols",
                    1,
                    {{"Upgrade", "websocket"},
                     {"Connection", "Upgrade"},
                     {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}}};
  head.headers.insert(head.headers.end(), more.begin(), more.end());
  return head;
}

TEST(WebSocketHandshake, IsSeenOnlyInAWholeRequestForOne) {
  EXPECT_TRUE(asks_for_web_socket(asking()));
  EXPECT_FALSE(asks_for_web_socket(asking({{"Sec-WebSocket-Key", "again"}})));
  EXPECT_FALSE(asks_for_web_socket(asking({{"Content-Length", "5"}})));
  EXPECT_FALSE(asks_for_web_socket(asking({{"Transfer-Encoding", "chunked"}})));
  for (const char* missing : {"Connection", "Upgrade", "Sec-WebSocket-Key"}) {
    RequestHead head = asking();
    remove_header(head.headers, missing);
    EXPECT_FALSE(asks_for_web_socket(head)) << missing;
  }
  RequestHead old = asking();
  old.minor_version = 0;
  EXPECT_FALSE(asks_for_web_socket(old));
  RequestHead post = asking();
  post.method = "POST";
  EXPECT_FALSE(asks_for_web_socket(post));
}

TEST(WebSocketHandshake, AcceptsWhatTheRfcGivesAsItsExample) {
  EXPECT_EQ(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(check_switch(asking(), switching()), std::nullopt);
}

TEST(WebSocketHandshake, RefusesASwitchThatWasNotAskedFor) {
  ResponseHead other_key = switching();
  other_key.headers[2].value = "AAAALMBiTxaQ9kYGzzhZRbK+xOo=";
  ResponseHead other_protocol = switching();
  other_protocol.headers[0].value = "h2c";
  ResponseHead silent = switching();
  remove_header(silent.headers, "Connection");
  for (const ResponseHead& head :
       {other_key, other_protocol, silent, switching({{"Sec-WebSocket-Protocol", "realtime"}}),
        switching({{"Sec-WebSocket-Extensions", "permessage-deflate"}}),
        switching({{"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}})}) {
    EXPECT_NE(check_switch(asking(), head), std::nullopt);
  }
}

TEST(WebSocketHandshake, TakesOfferedProtocolsAndExtensions) {
  const RequestHead asked =
      asking({{"Sec-WebSocket-Protocol", "realtime, openai-beta.realtime-v1"},
              {"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}});
  const ResponseHead answer =
      switching({{"Sec-WebSocket-Protocol", "realtime"},
                 {"Sec-WebSocket-Extensions", "permessage-deflate; server_no_context_takeover"}});
  EXPECT_EQ(check_switch(asked, answer), std::nullopt);
  const WebSocketTerms terms = web_socket_terms(answer);
  EXPECT_TRUE(terms.deflate);
  EXPECT_TRUE(terms.client_keeps_context);
  EXPECT_FALSE(terms.server_keeps_context);
  EXPECT_EQ(web_socket_terms(switching()), WebSocketTerms());
}

}  // namespace
}  // namespace albicilla
