// JSON as bytes: what may be spliced into a line is decided here, without building anything from
// it. Exactly RFC 8259: whatever that grammar allows is valid, also numbers no double can hold,
// duplicate keys and lone surrogate escapes, because the bytes are kept and not the value.
// Pure, thread safe, no allocation; simdjson (UTF-8) stays behind scan.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace albicilla {

// Deeper values are not taken for JSON: many a reader of our lines recurses or stops at 1024.
inline constexpr std::size_t kMostJsonDepth = 1000;

struct JsonShape {
  bool raw_newline = false;  // CR or LF between tokens: minify before it goes into a line
  std::size_t depth = 0;     // of nested arrays and objects; 0 for a plain value
  bool operator==(const JsonShape&) const = default;
};

// nullopt unless `text` is one JSON value in valid UTF-8, white space around it allowed, no deeper
// than kMostJsonDepth.
std::optional<JsonShape> check_json(std::string_view text);
// The same for what stands between an object's braces: `"a":1,"b":2`; an empty text is valid.
std::optional<JsonShape> check_json_members(std::string_view text);

// The valid JSON value that `text` begins with, white space in front allowed; what follows is not
// looked at, and UTF-8 is not checked. nullopt when there is none.
struct JsonPrefix {
  std::size_t size = 0;
  JsonShape shape;
};
std::optional<JsonPrefix> check_json_prefix(std::string_view text);

// Size with both quotes of the string that starts at the first byte of `text`, found by its closing
// quote alone; 0 when there is none.
std::size_t json_string_size(std::string_view text);

bool is_utf8(std::string_view text);
// The same for programs that do nothing but read: in the widest registers there are, after whose
// use a processor runs slower for a while, which a server's other work would pay for.
bool is_utf8_in_bulk(std::string_view text);

// Appends valid JSON without the white space between its tokens; no other byte changes.
void append_minified(std::string& out, std::string_view valid_json);

// Appends `text` as a JSON string with its quotes. Text that is not UTF-8 is read as ISO 8859-1,
// as RFC 9110 reads header values: the result is always valid and nothing is dropped.
void append_json_string(std::string& out, std::string_view text);

}  // namespace albicilla
