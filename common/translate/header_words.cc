#include "common/translate/header_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace albicilla {

namespace {

constexpr std::array<std::string_view, 8> kOfTheRequestBody{
    "content-type",    "content-encoding", "content-length", "content-md5",
    "accept-encoding", "accept",           "digest",         "content-digest"};
constexpr std::array<std::string_view, 6> kOfTheResponseBody{"content-type",   "content-encoding",
                                                             "content-length", "content-md5",
                                                             "digest",         "content-digest"};
constexpr std::array<std::string_view, 2> kCredentials{"authorization", "x-api-key"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view one) { return same_name(one, name); });
}

}  // namespace

std::string credential_of(const Headers& headers) {
  if (const auto key = find_header(headers, "x-api-key"); key && !key->empty()) {
    return std::string(*key);
  }
  constexpr std::string_view kScheme = "bearer ";
  const auto authorization = find_header(headers, "authorization");
  if (!authorization || authorization->size() <= kScheme.size() ||
      !same_name(authorization->substr(0, kScheme.size()), kScheme)) {
    return "";
  }
  std::string_view token = authorization->substr(kScheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return std::string(token);
}

Headers request_without(const Headers& client, const char* prefix) {
  Headers out;
  for (const Header& header : client) {
    if (holds(kOfTheRequestBody, header.name) || holds(kCredentials, header.name)) continue;
    if (lower_name(header.name).starts_with(prefix)) continue;
    out.push_back(header);
  }
  out.push_back({"content-type", "application/json"});
  out.push_back({"accept-encoding", "identity"});
  return out;
}

Headers response_without_body_fields(const Headers& upstream) {
  Headers out;
  for (const Header& header : upstream) {
    if (!holds(kOfTheResponseBody, header.name)) out.push_back(header);
  }
  return out;
}

}  // namespace albicilla
