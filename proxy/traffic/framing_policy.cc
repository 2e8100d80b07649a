#include "proxy/traffic/framing_policy.h"

#include <algorithm>
#include <string_view>

namespace albicilla {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// One number below 2^63 in plain digits.
bool is_plain_length(std::string_view value) {
  constexpr std::string_view kMost = "9223372036854775807";
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return false;
  while (value.size() > 1 && value.front() == '0') value.remove_prefix(1);
  return value.size() < kMost.size() || (value.size() == kMost.size() && value <= kMost);
}

bool is_host_value(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7F &&
           std::string_view("/@\\?#,;\"<>^`{|}").find(c) == std::string_view::npos;
  });
}

// Lengths and codings of either direction; what HTTP/1.1 allows but nobody needs is refused too.
std::optional<std::string_view> check_body_framing(const Headers& headers, int minor_version) {
  const std::size_t lengths = count_header(headers, "content-length");
  const std::size_t codings = count_header(headers, "transfer-encoding");
  if (lengths > 0 && codings > 0) return "Content-Length and Transfer-Encoding together";
  if (lengths > 1) return "more than one Content-Length";
  if (lengths == 1 && !is_plain_length(*find_header(headers, "content-length"))) {
    return "Content-Length is not a plain number";
  }
  if (codings == 0) return std::nullopt;
  if (minor_version == 0) return "Transfer-Encoding in HTTP/1.0";
  if (codings > 1 || !same_name(*find_header(headers, "transfer-encoding"), "chunked")) {
    return "Transfer-Encoding other than exactly 'chunked'";
  }
  return std::nullopt;
}

std::optional<FramingRefusal> check_host(const RequestHead& head) {
  const std::size_t hosts = count_header(head.headers, "host");
  if (hosts > 1) return FramingRefusal{400, "more than one Host"};
  if (hosts == 0) {
    if (head.minor_version == 0) return std::nullopt;
    return FramingRefusal{400, "Host is missing"};
  }
  if (!is_host_value(*find_header(head.headers, "host"))) {
    return FramingRefusal{400, "Host is not a host name"};
  }
  return std::nullopt;
}

// Origin form only: the upstream is never taken from the request.
std::optional<FramingRefusal> check_target(const RequestHead& head) {
  const std::string_view target = head.target;
  if (target == "*" && head.method == "OPTIONS") return std::nullopt;
  if (!target.starts_with('/')) {
    return FramingRefusal{400, "request target must be a path beginning with '/'"};
  }
  for (std::size_t at = 0; at < target.size(); ++at) {
    const auto byte = static_cast<unsigned char>(target[at]);
    if (byte <= 0x20 || byte == 0x7F || byte == '#') {
      return FramingRefusal{400, "request target holds a character that no target may hold"};
    }
    if (byte == '%' && (at + 2 >= target.size() || !is_hex_digit(target[at + 1]) ||
                        !is_hex_digit(target[at + 2]))) {
      return FramingRefusal{400, "request target holds '%' without two hex digits"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<FramingRefusal> check_request_framing(const RequestHead& head) {
  if (head.method == "CONNECT" || head.method == "TRACE") {
    return FramingRefusal{405, "this method is not for a reverse proxy"};
  }
  if (auto refusal = check_target(head)) return refusal;
  if (auto refusal = check_host(head)) return refusal;
  if (auto reason = check_body_framing(head.headers, head.minor_version)) {
    return FramingRefusal{400, *reason};
  }
  return std::nullopt;
}

std::optional<std::string_view> check_response_framing(const ResponseHead& head) {
  if (head.status < 100 || head.status > 999) return "status outside 100 to 999";
  return check_body_framing(head.headers, head.minor_version);
}

}  // namespace albicilla
