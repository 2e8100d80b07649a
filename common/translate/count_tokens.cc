#include "common/translate/count_tokens.h"

#include <cstddef>

#include "common/json/tree.h"

namespace albicilla {

namespace {

constexpr std::size_t kBytesPerToken = 4;
// What a picture or a page costs has nothing to do with its bytes in base64.
constexpr std::size_t kBytesForMedia = 1600 * kBytesPerToken;

// Strings a model would read, keys of schemas among them. Bounded by the parser's depth.
std::size_t readable_bytes(const Json& value) {
  if (value.is_string() || value.is_number()) return value.text().size();
  std::size_t bytes = 0;
  for (const Json& element : value.elements()) bytes += readable_bytes(element);
  if (value.at("type").text() == "base64") return kBytesForMedia;
  for (const auto& [name, member] : value.members()) {
    if (name != "cache_control" && name != "type") bytes += name.size() + readable_bytes(member);
  }
  return bytes;
}

}  // namespace

Result<std::string> estimate_count_tokens(std::string_view body) {
  const Result<Json> request = parse_json(body);
  if (!request) return request.error();
  if (!request->at("messages").is_array()) return client_error("messages: expected an array");
  std::size_t bytes = 0;
  for (const char* name : {"system", "messages", "tools"}) {
    bytes += readable_bytes(request->at(name));
  }
  const std::size_t tokens = (bytes + kBytesPerToken - 1) / kBytesPerToken;
  return dump_json(Json::object({{"input_tokens", tokens}, {"estimated", true}}));
}

}  // namespace albicilla
