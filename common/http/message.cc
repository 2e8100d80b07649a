#include "common/http/message.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace albicilla {
namespace {

void append_fields(std::string& out, const Headers& headers) {
  for (const Header& field : headers) {
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  out.append("\r\n");
}

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 28> kReasons{{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

}  // namespace

void append_head(std::string& out, const RequestHead& head) {
  out.append(head.method).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  append_fields(out, head.headers);
}

void append_head(std::string& out, const ResponseHead& head) {
  out.append("HTTP/1.1 ").append(std::to_string(head.status)).append(" ");
  out.append(head.reason).append("\r\n");
  append_fields(out, head.headers);
}

std::string_view usual_reason(std::uint16_t status) {
  const auto* found = std::find_if(kReasons.begin(), kReasons.end(),
                                   [&](const auto& entry) { return entry.first == status; });
  return found == kReasons.end() ? std::string_view("Status") : found->second;
}

}  // namespace albicilla
