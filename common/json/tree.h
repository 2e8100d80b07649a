// JSON as a tree, for configuration, our own API and translation: places where comfort counts more
// than speed. Members keep their order, numbers their text. Parsing is depth-capped and never
// throws; nlohmann/json stays behind tree.cc. Values; not for the path of every byte (scan, walk).
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/result.h"

namespace albicilla {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;
  struct Number {
    std::string text;  // as written
    bool operator==(const Number&) const = default;
  };

  Json() = default;             // null
  Json(std::nullptr_t) {}       // NOLINT: a literal reads as what it is
  Json(std::string_view text);  // NOLINT
  Json(const char* text);       // NOLINT
  Json(std::string text);       // NOLINT
  Json(Number number);          // NOLINT
  Json(double number);          // NOLINT; null when it is not finite
  template <std::same_as<bool> T>
  Json(T value) : value_(value) {}  // NOLINT
  template <std::integral T>
  requires(!std::same_as<T, bool>) Json(T number)
      : value_(Number{std::to_string(number)}) {}  // NOLINT
  Json(Array elements);                            // NOLINT
  Json(Object members);                            // NOLINT
  static Json array(std::initializer_list<Json> elements = {});
  static Json object(std::initializer_list<Member> members = {});

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_number() const { return std::holds_alternative<Number>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }

  // Empty or nullopt when the value is of another kind.
  std::string_view text() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;
  std::optional<bool> boolean() const;
  const Array& elements() const;
  const Object& members() const;

  // The member of that name (of duplicates the last), nullptr when absent or not an object.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  // The same, null when absent.
  const Json& at(std::string_view name) const;

  // Sets a member; anything but an object becomes one first.
  Json& set(std::string_view name, Json value);
  // Appends a member without looking for one of the same name.
  Json& add(std::string name, Json value);
  void erase(std::string_view name);
  // Appends an element; anything but an array becomes one first.
  Json& push(Json element);

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::nullptr_t, bool, Number, std::string, Array, Object> value_ = nullptr;
};

// The error names the place ("line 3, column 7"), never the text.
Result<Json> parse_json(std::string_view text);

// On one line, or with two spaces of indentation.
std::string dump_json(const Json& value);
std::string dump_json_pretty(const Json& value);

}  // namespace albicilla
