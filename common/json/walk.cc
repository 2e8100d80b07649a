#include "common/json/walk.h"

#include <charconv>
#include <cmath>

#include "common/json/lexer.h"

namespace albicilla {

namespace {

using json_lexer::skip_space;
using json_lexer::skip_string;

// Behind the bracket that closes the one in front of `at`.
const char* skip_nested(const char* at, const char* end) {
  std::size_t depth = 1;
  while ((at = json_lexer::find_bracket(at, end)) != end) {
    const char c = *at++;
    if (c == '"') {
      at = skip_string(at, end);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (--depth == 0) {
      return at;
    }
  }
  return end;
}

// Behind the value that starts at `at`.
const char* skip_value(const char* at, const char* end) {
  if (at == end) return end;
  if (*at == '"') return skip_string(at + 1, end);
  if (*at == '{' || *at == '[') return skip_nested(at + 1, end);
  while (at != end && *at != ',' && *at != '}' && *at != ']' && !json_lexer::is_space(*at)) ++at;
  return at;
}

std::string_view view(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

// Steps over white space and a comma; false at a closing bracket or the end.
bool to_next(const char*& at, const char* end) {
  at = skip_space(at, end);
  if (at != end && *at == ',') at = skip_space(at + 1, end);
  if (at != end && *at != '}' && *at != ']') return true;
  at = end;
  return false;
}

const char* open_bracket(std::string_view text, char bracket) {
  const char* const end = text.data() + text.size();
  const char* const at = skip_space(text.data(), end);
  return at != end && *at == bracket ? at + 1 : end;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

// The four digits of a \u escape at text[at]; U+FFFD when the text is too short.
std::uint32_t unit_at(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return 0xFFFD;
  std::uint32_t unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    unit = unit * 16 + static_cast<std::uint32_t>(hex_value(text[i]));
  }
  return unit;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto push = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xC0U | (point >> 6));
    push(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    push(0xE0U | (point >> 12));
    push(0x80U | ((point >> 6) & 0x3FU));
    push(0x80U | (point & 0x3FU));
  } else {
    push(0xF0U | (point >> 18));
    push(0x80U | ((point >> 12) & 0x3FU));
    push(0x80U | ((point >> 6) & 0x3FU));
    push(0x80U | (point & 0x3FU));
  }
}

struct Unescaped {
  std::string text;
  bool exact = true;  // false when a lone surrogate became U+FFFD
};

// text[at] is the 'u' of an escape; gives the place behind the escape or the pair.
std::size_t append_unicode(Unescaped& out, std::string_view text, std::size_t at) {
  std::uint32_t point = unit_at(text, at + 1);
  std::size_t next = at + 5;
  const bool high = point >= 0xD800 && point < 0xDC00;
  if (high && next + 1 < text.size() && text[next] == '\\' && text[next + 1] == 'u') {
    const std::uint32_t low = unit_at(text, next + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      next += 6;
    }
  }
  const bool lone = point >= 0xD800 && point < 0xE000;
  out.exact = out.exact && !lone;
  append_utf8(out.text, lone ? 0xFFFD : point);
  return next;
}

Unescaped unescaped(std::string_view inside) {
  Unescaped out;
  out.text.reserve(inside.size());
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t slash = std::min(inside.find('\\', at), inside.size());
    out.text.append(inside.substr(at, slash - at));
    if (slash + 1 >= inside.size()) break;
    const char c = inside[slash + 1];
    if (c == 'u') {
      at = append_unicode(out, inside, slash + 1);
      continue;
    }
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kControls = "\b\f\n\r\t";
    const std::size_t letter = kLetters.find(c);
    out.text.push_back(letter == std::string_view::npos ? c : kControls[letter]);
    at = slash + 2;
  }
  return out;
}

}  // namespace

JsonKind json_kind(std::string_view raw) {
  if (raw.empty()) return JsonKind::absent;
  switch (raw.front()) {
    case '"':
      return JsonKind::string;
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return JsonKind::number;
  }
}

JsonMembers::JsonMembers(std::string_view object)
    : at_(open_bracket(object, '{')), end_(object.data() + object.size()) {}

JsonMembers JsonMembers::inside(std::string_view members) {
  return {members.data(), members.data() + members.size()};
}

bool JsonMembers::next(JsonMember& member) {
  if (!to_next(at_, end_) || *at_ != '"') return false;
  const char* const key = at_ + 1;
  const char* const behind = skip_string(key, end_);
  at_ = skip_space(behind, end_);
  if (at_ == end_ || *at_ != ':') return false;
  member.key = view(key, behind - 1);
  const char* const value = skip_space(at_ + 1, end_);
  at_ = skip_value(value, end_);
  member.value = view(value, at_);
  return true;
}

JsonElements::JsonElements(std::string_view array)
    : at_(open_bracket(array, '[')), end_(array.data() + array.size()) {}

bool JsonElements::next(std::string_view& element) {
  if (!to_next(at_, end_)) return false;
  const char* const from = at_;
  at_ = skip_value(at_, end_);
  element = view(from, at_);
  return at_ != from;
}

bool json_key_is(std::string_view key, std::string_view name) {
  if (key == name) return true;
  return key.size() > name.size() && key.find('\\') != std::string_view::npos &&
         unescaped(key).text == name;
}

std::string_view json_member(std::string_view object, std::string_view name) {
  std::string_view value;
  JsonMember member;
  for (JsonMembers members(object); members.next(member);) {
    if (json_key_is(member.key, name)) value = member.value;
  }
  return value;
}

std::string_view json_first_member(std::string_view object, std::string_view name) {
  JsonMember member;
  for (JsonMembers members(object); members.next(member);) {
    if (json_key_is(member.key, name)) return member.value;
  }
  return {};
}

std::string_view json_inside(std::string_view raw_string) {
  if (raw_string.size() < 2 || raw_string.front() != '"' || raw_string.back() != '"') return {};
  return raw_string.substr(1, raw_string.size() - 2);
}

std::optional<std::string> json_text(std::string_view raw) {
  if (json_kind(raw) != JsonKind::string) return std::nullopt;
  return unescaped(json_inside(raw)).text;
}

std::optional<std::string> json_exact_text(std::string_view raw) {
  if (json_kind(raw) != JsonKind::string) return std::nullopt;
  Unescaped out = unescaped(json_inside(raw));
  return out.exact ? std::optional(std::move(out.text)) : std::nullopt;
}

std::optional<std::uint64_t> json_count(std::string_view raw) {
  const char* const end = raw.data() + raw.size();
  std::uint64_t count = 0;
  const auto whole = std::from_chars(raw.data(), end, count);
  if (whole.ec == std::errc{} && whole.ptr == end) return count;
  double number = 0;
  const auto parsed = std::from_chars(raw.data(), end, number);
  constexpr double kMost = 9007199254740992.0;  // 2^53: whole numbers are exact up to there
  if (parsed.ec != std::errc{} || parsed.ptr != end || !(number >= 0 && number <= kMost) ||
      number != std::floor(number)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(number);
}

bool json_is_true(std::string_view raw) { return raw == "true"; }

}  // namespace albicilla
