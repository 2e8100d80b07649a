#include "common/json/scan.h"

#include <simdjson.h>

#include <bitset>

#include "common/json/lexer.h"
#include "common/json/utf8_wide.h"

namespace albicilla {

namespace {

using json_lexer::find_special;

constexpr char kHexDigits[] = "0123456789abcdef";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// One pass over the grammar with a bit per open bracket instead of recursion.
class Checker {
 public:
  explicit Checker(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool value() {
    if (!any_value()) return false;
    return rest();
  }

  bool members() {
    open_object_.set(0);
    depth_ = floor_ = 1;
    skip_space();
    if (at_ == end_) return true;
    if (!key() || !any_value()) return false;
    return rest();
  }

  // One value and nothing behind it is looked at.
  bool prefix() { return any_value() && rest_of_value(); }

  const char* at() const { return at_; }
  JsonShape shape() const { return {raw_newline_, deepest_}; }

 private:
  // After a value: goes on until everything is closed and only white space is left.
  bool rest() {
    while (true) {
      skip_space();
      if (at_ == end_) return depth_ == floor_;
      if (depth_ == 0 || !step()) return false;
    }
  }

  bool rest_of_value() {
    while (depth_ > 0) {
      skip_space();
      if (at_ == end_ || !step()) return false;
    }
    return true;
  }

  // Inside an open bracket, behind a value: the next member or element, or the bracket's end.
  bool step() {
    const bool object = open_object_[depth_ - 1];
    const char c = *at_++;
    if (c == ',') {
      if (object) {
        skip_space();
        if (!key()) return false;
      }
      return any_value();
    }
    return c == (object ? '}' : ']') && depth_-- != floor_;
  }

  // One scalar, an empty bracket pair, or brackets opened down to the first scalar.
  bool any_value() {
    while (true) {
      skip_space();
      if (at_ == end_) return false;
      const char c = *at_++;
      if (c == '"') return string();
      if (c != '{' && c != '[') return scalar(c);
      if (depth_ == kMostJsonDepth) return false;
      open_object_.set(depth_++, c == '{');
      deepest_ = depth_ > deepest_ ? depth_ : deepest_;
      skip_space();
      if (at_ == end_) return false;
      if (*at_ == (c == '{' ? '}' : ']')) {
        ++at_;
        --depth_;
        return true;
      }
      if (c == '{' && !key()) return false;
    }
  }

  bool key() {
    if (at_ == end_ || *at_++ != '"' || !string()) return false;
    skip_space();
    return at_ != end_ && *at_++ == ':';
  }

  bool string() {
    while (true) {
      at_ = find_special(at_, end_);
      if (at_ == end_) return false;
      if (*at_ == '"') {
        ++at_;
        return true;
      }
      if (*at_ != '\\' || end_ - at_ < 2) return false;
      const char c = at_[1];
      at_ += 2;
      if (c == 'u') {
        if (end_ - at_ < 4 || !is_hex(at_[0]) || !is_hex(at_[1]) || !is_hex(at_[2]) ||
            !is_hex(at_[3])) {
          return false;
        }
        at_ += 4;
      } else if (c != 'n' && c != '"' && c != '\\' && c != '/' && c != 't' && c != 'r' &&
                 c != 'b' && c != 'f') {
        return false;
      }
    }
  }

  bool scalar(char first) {
    if (first == 't') return word("rue");
    if (first == 'f') return word("alse");
    if (first == 'n') return word("ull");
    return number(first);
  }

  bool word(std::string_view rest_of_word) {
    if (static_cast<std::size_t>(end_ - at_) < rest_of_word.size() ||
        std::string_view(at_, rest_of_word.size()) != rest_of_word) {
      return false;
    }
    at_ += rest_of_word.size();
    return true;
  }

  bool digits() {
    const char* const from = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != from;
  }

  bool number(char first) {
    if (first == '-') {
      if (at_ == end_) return false;
      first = *at_++;
    }
    if (!is_digit(first)) return false;
    if (first != '0') digits();
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  void skip_space() {
    if (at_ != end_ && *at_ > ' ') return;  // nearly always
    for (; at_ != end_ && json_lexer::is_space(*at_); ++at_) {
      raw_newline_ = raw_newline_ || *at_ == '\n' || *at_ == '\r';
    }
  }

  const char* at_;
  const char* end_;
  std::bitset<kMostJsonDepth> open_object_;
  std::size_t depth_ = 0;
  std::size_t floor_ = 0;  // 1 when the outermost object's braces are not part of the text
  std::size_t deepest_ = 0;
  bool raw_newline_ = false;
};

void append_escaped(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* const special = find_special(at, end);
    out.append(at, static_cast<std::size_t>(special - at));
    if (special == end) return;
    const char c = *special;
    out.push_back('\\');
    switch (c) {
      case '"':
      case '\\':
        out.push_back(c);
        break;
      case '\n':
        out.push_back('n');
        break;
      case '\r':
        out.push_back('r');
        break;
      case '\t':
        out.push_back('t');
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        out.append("u00").push_back(kHexDigits[byte >> 4]);
        out.push_back(kHexDigits[byte & 15U]);
      }
    }
    at = special + 1;
  }
}

constexpr std::size_t kMostShortText = 62;

// Plain text with its quotes in one append.
void append_short(std::string& out, std::string_view text) {
  char quoted[kMostShortText + 2];
  quoted[0] = '"';
  text.copy(quoted + 1, text.size());
  quoted[text.size() + 1] = '"';
  out.append(quoted, text.size() + 2);
}

std::string utf8_from_latin1(std::string_view text) {
  std::string result;
  result.reserve(text.size() * 2);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result.push_back(c);
    } else {
      result.push_back(static_cast<char>(0xC0U | (byte >> 6)));
      result.push_back(static_cast<char>(0x80U | (byte & 0x3FU)));
    }
  }
  return result;
}

}  // namespace

std::size_t json_string_size(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  const char* const end = text.data() + text.size();
  const char* const behind = json_lexer::skip_string(text.data() + 1, end);
  const auto size = static_cast<std::size_t>(behind - text.data());
  return size >= 2 && behind[-1] == '"' ? size : 0;
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool is_utf8_in_bulk(std::string_view text) {
  return has_wide_utf8() ? is_utf8_wide(text) : is_utf8(text);
}

std::optional<JsonShape> check_json(std::string_view text) {
  Checker checker(text);
  if (!checker.value() || !is_utf8(text)) return std::nullopt;
  return checker.shape();
}

std::optional<JsonPrefix> check_json_prefix(std::string_view text) {
  Checker checker(text);
  if (!checker.prefix()) return std::nullopt;
  return JsonPrefix{static_cast<std::size_t>(checker.at() - text.data()), checker.shape()};
}

std::optional<JsonShape> check_json_members(std::string_view text) {
  Checker checker(text);
  if (!checker.members() || !is_utf8(text)) return std::nullopt;
  return checker.shape();
}

void append_minified(std::string& out, std::string_view valid_json) {
  const char* at = valid_json.data();
  const char* const end = at + valid_json.size();
  while (at != end) {
    const char* const from = at;
    while (at != end && !json_lexer::is_space(*at)) {
      at = *at == '"' ? json_lexer::skip_string(at + 1, end) : at + 1;
    }
    out.append(from, static_cast<std::size_t>(at - from));
    at = json_lexer::skip_space(at, end);
  }
}

void append_json_string(std::string& out, std::string_view text) {
  const bool plain = json_lexer::is_plain(text.data(), text.data() + text.size());
  if (plain && text.size() <= kMostShortText) return append_short(out, text);
  out.push_back('"');
  if (plain) {
    out.append(text);
  } else if (is_utf8(text)) {
    append_escaped(out, text);
  } else {
    append_escaped(out, utf8_from_latin1(text));
  }
  out.push_back('"');
}

}  // namespace albicilla
