#include "proxy/traffic/proxy_protocol.h"

#include <arpa/inet.h>

#include <array>

namespace albicilla {
namespace {

using State = ProxyPreamble::State;

constexpr std::string_view kFirst = "PROXY ";
constexpr std::size_t kMostFirst = 107;  // with its CR LF
constexpr std::string_view kSecond("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kSecondHead = 16;
// Addresses and some extensions; more is no balancer's business with us.
constexpr std::size_t kMostSecond = 2048;

std::string_view take_word(std::string_view& line) {
  const auto space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, 16> raw{};
  return inet_pton(family, text.c_str(), raw.data()) == 1;
}

ProxyPreamble read_first(std::string_view bytes) {
  const auto end = bytes.substr(0, kMostFirst).find("\r\n");
  if (end == std::string_view::npos) {
    return {bytes.size() < kMostFirst ? State::cut : State::broken, 0, {}};
  }
  std::string_view line = bytes.substr(kFirst.size(), end - kFirst.size());
  const std::string_view protocol = take_word(line);
  if (protocol == "UNKNOWN") return {State::whole, end + 2, {}};
  const std::string client(take_word(line));
  const int family = protocol == "TCP4" ? AF_INET : AF_INET6;
  if ((protocol != "TCP4" && protocol != "TCP6") || !is_address(family, client)) {
    return {State::broken, 0, {}};
  }
  return {State::whole, end + 2, client};
}

ProxyPreamble read_second(std::string_view bytes) {
  if (bytes.size() < kSecondHead) return {State::cut, 0, {}};
  const auto at = [&](std::size_t place) { return static_cast<unsigned char>(bytes[place]); };
  const std::size_t size = kSecondHead + at(14) * 256U + at(15);
  if (at(12) >> 4U != 2 || (at(12) & 15U) > 1 || size > kMostSecond) return {State::broken, 0, {}};
  if (bytes.size() < size) return {State::cut, 0, {}};
  const bool local = (at(12) & 15U) == 0;
  const unsigned family = at(13) >> 4U;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (local || family == 0) return {State::whole, size, {}};
  if (family == 1 && size >= kSecondHead + 12) {
    inet_ntop(AF_INET, bytes.data() + kSecondHead, text.data(), text.size());
  } else if (family == 2 && size >= kSecondHead + 36) {
    inet_ntop(AF_INET6, bytes.data() + kSecondHead, text.data(), text.size());
  } else if (family != 3) {
    return {State::broken, 0, {}};
  }
  return {State::whole, size, text.data()};
}

}  // namespace

ProxyPreamble read_proxy_preamble(std::string_view bytes) {
  for (const std::string_view mark : {kFirst, kSecond}) {
    const std::size_t common = std::min(mark.size(), bytes.size());
    if (bytes.substr(0, common) != mark.substr(0, common)) continue;
    if (common < mark.size()) return {State::cut, 0, {}};
    return mark == kFirst ? read_first(bytes) : read_second(bytes);
  }
  return {};
}

}  // namespace albicilla
