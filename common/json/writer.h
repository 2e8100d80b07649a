// Writes JSON text straight into a string: objects and arrays with their commas, scalars, and raw
// pieces that are JSON already. Keeps no tree, so it costs little more than the bytes it writes.
// The caller closes what it opens. Not thread safe.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace albicilla {

class JsonWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(&out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  // The same for a name that the compiler knows: nothing in it is looked for.
  template <std::size_t N>
  JsonWriter& key(const char (&name)[N]) {
    return plain_key({name, N - 1});
  }

  JsonWriter& text(std::string_view value);  // escaped; see append_json_string
  JsonWriter& raw(std::string_view json);    // valid JSON, taken as it is
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonWriter& number(T value) {
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value);
    return raw({digits, static_cast<std::size_t>(end.ptr - digits)});
  }

 private:
  void before_value();
  JsonWriter& plain_key(std::string_view name);

  std::string* out_;
  bool needs_comma_ = false;
};

}  // namespace albicilla
