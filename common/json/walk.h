// Walks JSON text without building anything: members, elements and scalars are views into it, so
// numbers and escapes keep their text. Made for text that check_json has accepted; on any other
// text it stays within its bounds and ends early. Pure, thread safe, no allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace albicilla {

enum class JsonKind { absent, null, boolean, number, string, array, object };

// By the first byte; `absent` for an empty text.
JsonKind json_kind(std::string_view raw);

struct JsonMember {
  std::string_view key;    // between the quotes, escapes as written
  std::string_view value;  // raw text without white space around it
};

// The members of an object in their order. No members when the text is not an object.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object);
  // What stands between the braces, as check_json_members takes it.
  static JsonMembers inside(std::string_view members);
  // False at the end.
  bool next(JsonMember& member);

 private:
  JsonMembers(const char* at, const char* end) : at_(at), end_(end) {}

  const char* at_;
  const char* end_;
};

// The elements of an array in their order. No elements when the text is not an array.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  bool next(std::string_view& element);

 private:
  const char* at_;
  const char* end_;
};

// Does a key as written spell `name` (plain ASCII)? Escapes count: "m\u006fdel" is "model".
bool json_key_is(std::string_view key, std::string_view name);

// The raw value of that member, empty when absent; of duplicates the last, as most parsers take it.
std::string_view json_member(std::string_view object, std::string_view name);

// The same for whom the first of duplicates is good enough: stops there.
std::string_view json_first_member(std::string_view object, std::string_view name);

// What stands between the quotes of a string, escapes as written; empty for anything else.
std::string_view json_inside(std::string_view raw_string);
// The text of a string as UTF-8; nullopt for anything else. A lone surrogate becomes U+FFFD.
std::optional<std::string> json_text(std::string_view raw);
// The same, but nullopt when the text cannot be UTF-8: a lone surrogate.
std::optional<std::string> json_exact_text(std::string_view raw);
// A number without sign that fits, also written as 3.0 or 3e0; nullopt for anything else.
std::optional<std::uint64_t> json_count(std::string_view raw);
bool json_is_true(std::string_view raw);

}  // namespace albicilla
