#include "common/http/url.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "common/http/headers.h"

namespace albicilla {
namespace {

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool is_ipv6_char(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}

bool is_path_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F && c != '?' && c != '#' && c != '@' && c != '\\';
}

Error bad_url(std::string_view text, std::string_view what) {
  return our_error("base url '" + std::string(text) + "': " + std::string(what));
}

std::uint16_t usual_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

bool parse_port(std::string_view digits, std::uint16_t& port) {
  const char* last = digits.data() + digits.size();
  auto [end, problem] = std::from_chars(digits.data(), last, port);
  return problem == std::errc() && end == last && port != 0;
}

// Takes host and port from the front of `rest` and leaves the path.
Status take_authority(std::string_view text, std::string_view& rest, Url& url) {
  std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return our_error("base url must not hold user information; use --api-key");
  }
  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return bad_url(text, "a '[' without ']'");
    url.host = authority.substr(1, close - 1);
    if (!std::all_of(url.host.begin(), url.host.end(), is_ipv6_char)) {
      return bad_url(text, "no IPv6 address between the brackets");
    }
    port = authority.substr(close + 1);
    if (!port.empty() && !port.starts_with(':')) return bad_url(text, "':port' expected after ']'");
    has_port = !port.empty();
    if (has_port) port.remove_prefix(1);
  } else {
    const auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = authority.substr(colon + 1);
    if (!std::all_of(url.host.begin(), url.host.end(), is_host_char)) {
      return bad_url(text, "the host holds a character that no host has");
    }
  }
  if (url.host.empty()) return bad_url(text, "a host is missing");
  url.port = usual_port(url.scheme);
  if (has_port && !parse_port(port, url.port)) return bad_url(text, "port must be 1 to 65535");
  return {};
}

}  // namespace

Result<Url> parse_base_url(std::string_view text) {
  Url url;
  std::string_view rest = text;
  const auto colon = rest.find("://");
  if (colon == std::string_view::npos) {
    return bad_url(text, "must begin with http:// or https://");
  }
  url.scheme = rest.substr(0, colon);
  std::transform(url.scheme.begin(), url.scheme.end(), url.scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (url.scheme != "http" && url.scheme != "https") {
    return bad_url(text, "must begin with http:// or https://");
  }
  rest.remove_prefix(colon + 3);
  if (Status taken = take_authority(text, rest, url); !taken) return taken.error();
  if (!std::all_of(rest.begin(), rest.end(), is_path_char)) {
    return bad_url(text, "a path of plain characters expected, without query or fragment");
  }
  while (rest.ends_with('/')) rest.remove_suffix(1);
  url.path = rest;
  return url;
}

std::string host_field(const Url& url) {
  const bool ipv6 = url.host.find(':') != std::string::npos;
  std::string field = ipv6 ? "[" + url.host + "]" : url.host;
  if (url.port != usual_port(url.scheme)) field += ":" + std::to_string(url.port);
  return field;
}

std::string to_string(const Url& url) { return url.scheme + "://" + host_field(url) + url.path; }

TargetParts split_target(std::string_view target) {
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}, false};
  return {target.substr(0, mark), target.substr(mark + 1), true};
}

std::string join_target(const Url& base, std::string_view target) {
  constexpr std::string_view kVersion = "/v1";
  if (!target.starts_with('/')) return std::string(target);  // "*"
  if (base.path.ends_with(kVersion) && target.starts_with(kVersion) &&
      (target.size() == kVersion.size() || target[kVersion.size()] == '/' ||
       target[kVersion.size()] == '?')) {
    target.remove_prefix(kVersion.size());
  }
  std::string joined = base.path + std::string(target);
  if (joined.empty() || joined.front() != '/') joined.insert(0, "/");
  return joined;
}

}  // namespace albicilla
