// A key and its value at once, for the objects of the API.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/json/writer.h"

namespace albicilla::viewer {

inline JsonWriter& put(JsonWriter& json, std::string_view key, std::string_view text) {
  return json.key(key).text(text);
}
inline JsonWriter& put(JsonWriter& json, std::string_view key, const char* text) {
  return json.key(key).text(text);
}
template <std::integral T>
JsonWriter& put(JsonWriter& json, std::string_view key, T value) {
  json.key(key);
  if constexpr (std::same_as<T, bool>) {
    return json.boolean(value);
  } else {
    return json.number(value);
  }
}
inline JsonWriter& put(JsonWriter& json, std::string_view key, std::optional<std::int64_t> value) {
  json.key(key);
  return value ? json.number(*value) : json.null();
}

}  // namespace albicilla::viewer
