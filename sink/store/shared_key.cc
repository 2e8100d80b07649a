#include "sink/store/shared_key.h"

#include <map>

#include "sink/store/checksum.h"

namespace albicilla {

namespace {

std::string value_of(const Headers& headers, std::string_view name) {
  return std::string(find_header(headers, name).value_or(""));
}

// "x-ms-date:...\n" for each x-ms- header, by name.
std::string canonical_headers(const Headers& headers) {
  std::map<std::string, std::string> ours;
  for (const Header& header : headers) {
    const std::string name = lower_name(header.name);
    if (name.starts_with("x-ms-")) ours[name] = header.value;
  }
  std::string out;
  for (const auto& [name, value] : ours) out += name + ":" + value + "\n";
  return out;
}

std::string canonical_resource(const AzureRequest& request, const AzureAccount& account) {
  std::map<std::string, std::string> parameters;
  for (const auto& [name, value] : request.query) {
    std::string& values = parameters[lower_name(name)];
    values += (values.empty() ? "" : ",") + value;
  }
  std::string out = "/" + account.name + request.path;
  for (const auto& [name, value] : parameters) out += "\n" + name + ":" + value;
  return out;
}

}  // namespace

std::string azure_string_to_sign(const AzureRequest& request, const AzureAccount& account) {
  const Headers& headers = request.headers;
  std::string out = request.method + "\n";
  out += value_of(headers, "Content-Encoding") + "\n";
  out += value_of(headers, "Content-Language") + "\n";
  // Since version 2015-02-21 a length of zero is signed as an empty string.
  out += (request.content_length == 0 ? "" : std::to_string(request.content_length)) + "\n";
  for (const std::string_view name :
       {"Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match",
        "If-Unmodified-Since", "Range"}) {
    out += value_of(headers, name) + "\n";
  }
  return out + canonical_headers(headers) + canonical_resource(request, account);
}

std::string azure_authorization(const AzureRequest& request, const AzureAccount& account) {
  return "SharedKey " + account.name + ":" +
         base64_of(raw_hmac_sha256(account.key, azure_string_to_sign(request, account)));
}

}  // namespace albicilla
