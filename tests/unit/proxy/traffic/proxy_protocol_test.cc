#include "proxy/traffic/proxy_protocol.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

using State = ProxyPreamble::State;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

TEST(ProxyProtocol, ReadsTheTextForm) {
  const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.1 5000 443\r\n";
  EXPECT_EQ(read_proxy_preamble(line + "GET /"),
            (ProxyPreamble{State::whole, line.size(), "192.0.2.1"}));
  EXPECT_EQ(read_proxy_preamble("PROXY UNKNOWN\r\n").client, "");
  EXPECT_EQ(read_proxy_preamble("PROXY TCP6 ::1 ::1 1 2\r\n").client, "::1");
  for (std::size_t size = 1; size < line.size(); ++size) {
    EXPECT_EQ(read_proxy_preamble(line.substr(0, size)).state, State::cut) << size;
  }
}

TEST(ProxyProtocol, ReadsTheBinaryForm) {
  const std::string v4 =
      kSignature + std::string("\x21\x11\0\x0C\xC0\0\x02\x01\x0A\0\0\1\0\1\0\2", 16);
  EXPECT_EQ(read_proxy_preamble(v4 + "GET /"),
            (ProxyPreamble{State::whole, v4.size(), "192.0.2.1"}));
  const std::string local = kSignature + std::string("\x20\0\0\0", 4);
  EXPECT_EQ(read_proxy_preamble(local), (ProxyPreamble{State::whole, local.size(), ""}));
  for (std::size_t size = 1; size < v4.size(); ++size) {
    EXPECT_EQ(read_proxy_preamble(v4.substr(0, size)).state, State::cut) << size;
  }
}

TEST(ProxyProtocol, LeavesOtherBytesAlone) {
  for (const char* bytes : {"GET / HTTP/1.1\r\n", "POST /", "\x16\x03\x01", "PROXIES", "\r\nGET"}) {
    EXPECT_EQ(read_proxy_preamble(bytes).state, State::absent) << bytes;
  }
}

TEST(ProxyProtocol, RefusesWhatOnlyBeginsLikeIt) {
  const std::string rows[] = {"PROXY TCP4 host 1 2 3\r\n",
                              "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
                              "PROXY " + std::string(200, 'x'),
                              kSignature + std::string("\x11\x11\0\x0C", 4),
                              kSignature + std::string("\x21\x11\xFF\xFF", 4),
                              kSignature + std::string("\x21\x11\0\x04\1\2\3\4", 8)};
  for (const std::string& bytes : rows) {
    EXPECT_EQ(read_proxy_preamble(bytes).state, State::broken) << bytes;
  }
}

}  // namespace
}  // namespace albicilla
