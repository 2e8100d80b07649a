#include "converter/reading/json_text.h"

#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "converter/reading/string_scan.h"

namespace albicilla {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

std::uint32_t hex_value(char c) {
  if (c <= '9') return static_cast<std::uint32_t>(c - '0');
  return static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
}

std::uint32_t hex4(const char* digits) {
  return hex_value(digits[0]) << 12 | hex_value(digits[1]) << 8 | hex_value(digits[2]) << 4 |
         hex_value(digits[3]);
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto push = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    push(code);
  } else if (code < 0x800) {
    push(0xC0 | code >> 6);
    push(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    push(0xE0 | code >> 12);
    push(0x80 | (code >> 6 & 0x3F));
    push(0x80 | (code & 0x3F));
  } else {
    push(0xF0 | code >> 18);
    push(0x80 | (code >> 12 & 0x3F));
    push(0x80 | (code >> 6 & 0x3F));
    push(0x80 | (code & 0x3F));
  }
}

// Reads \uXXXX, with its second half if it is a pair; `at` stands at the backslash and moves on.
std::uint32_t read_unicode_escape(std::string_view body, std::size_t& at, TextRepairs& repairs) {
  const std::uint32_t first = hex4(body.data() + at + 2);
  at += 6;
  if (first < 0xD800 || first > 0xDFFF) return first;
  const bool pair_follows =
      first < 0xDC00 && body.size() - at >= 6 && body[at] == '\\' && body[at + 1] == 'u';
  if (pair_follows) {
    const std::uint32_t second = hex4(body.data() + at + 2);
    if (second >= 0xDC00 && second <= 0xDFFF) {
      at += 6;
      return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }
  }
  ++repairs.lone_surrogates;
  return 0xFFFD;
}

char plain_of_escape(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;  // '"', '\\' and '/' stand for themselves
  }
}

void append_escaped_byte(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out.push_back(kHexDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHexDigits[static_cast<unsigned char>(c) & 15]);
  }
}

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

struct Style {
  std::string_view item;  // between members and elements
  std::string_view key;   // behind a key
  bool sorted = false;    // keys
  std::span<const std::string_view> dropped = {};
};

// Re-emits one value. Recursion is bounded by the depth limit of the cursor that checked the text.
class Emitter {
 public:
  Emitter(std::string& out, const Style& style, TextRepairs& repairs)
      : out_(out), style_(style), repairs_(repairs) {}

  void value(JsonCursor& cursor) {
    switch (cursor.kind()) {
      case JsonKind::object:
        return object(cursor);
      case JsonKind::array:
        return array(cursor);
      case JsonKind::string: {
        RawString text;
        if (cursor.string(text)) quoted(text);
        return;
      }
      default: {
        std::string_view raw;
        if (cursor.skip(raw)) out_ += raw;
      }
    }
  }

 private:
  // Where a member stands in `out_`: keys are found to be equal in the one spelling they have
  // there.
  struct Member {
    std::size_t key;    // at the opening quote
    std::size_t value;  // at the value's first byte
    std::size_t end;    // behind the value
  };

  void quoted(const RawString& text) {
    out_.push_back('"');
    append_respelled(out_, text, repairs_);
    out_.push_back('"');
  }

  void array(JsonCursor& cursor) {
    out_.push_back('[');
    bool first = true;
    cursor.begin_array();
    while (cursor.next_element()) {
      if (!std::exchange(first, false)) out_ += style_.item;
      value(cursor);
    }
    out_.push_back(']');
  }

  void object(JsonCursor& cursor) {
    const std::size_t base = members_.size();
    const std::size_t from = out_.size();
    out_.push_back('{');
    RawString key;
    cursor.begin_object();
    while (cursor.next_member(key)) {
      if (is_dropped(key)) {
        cursor.skip();
        continue;
      }
      if (members_.size() > base) out_ += style_.item;
      Member member{out_.size(), 0, 0};
      quoted(key);
      out_ += style_.key;
      member.value = out_.size();
      value(cursor);
      member.end = out_.size();
      members_.push_back(member);
    }
    out_.push_back('}');
    const std::span<const Member> members(members_.data() + base, members_.size() - base);
    if (has_equal_keys(members) || (style_.sorted && !is_sorted(members))) rewrite(from, members);
    members_.resize(base);
  }

  bool is_dropped(const RawString& key) const {
    return std::any_of(style_.dropped.begin(), style_.dropped.end(),
                       [&key](std::string_view name) { return key.is(name); });
  }

  bool is_sorted(std::span<const Member> members) const {
    return std::is_sorted(members.begin(), members.end(), [this](const Member& a, const Member& b) {
      return key_text(a) < key_text(b);
    });
  }

  std::string_view key_text(const Member& member) const {
    return std::string_view(out_).substr(member.key, member.value - style_.key.size() - member.key);
  }

  bool has_equal_keys(std::span<const Member> members) {
    constexpr std::size_t kFew = 8;
    if (members.size() <= kFew) {
      for (std::size_t i = 1; i < members.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (key_text(members[i]) == key_text(members[j])) return true;
        }
      }
      return false;
    }
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const Member& member : members) keys.push_back(key_text(member));
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
  }

  // Writes the object that starts at `from` again, each key once, sorted when that is wanted.
  void rewrite(std::size_t from, std::span<const Member> members) {
    std::unordered_map<std::string_view, std::size_t> place_of;
    std::vector<std::pair<const Member*, const Member*>> kept;  // first for the key, last the value
    for (const Member& member : members) {
      const auto [place, is_new] = place_of.emplace(key_text(member), kept.size());
      if (is_new) {
        kept.emplace_back(&member, &member);
      } else {
        kept[place->second].second = &member;
        ++repairs_.duplicate_keys;
      }
    }
    if (style_.sorted) {
      std::sort(kept.begin(), kept.end(), [this](const auto& a, const auto& b) {
        return key_text(*a.first) < key_text(*b.first);
      });
    }
    std::string object = "{";
    for (const auto& [first, last] : kept) {
      if (object.size() > 1) object += style_.item;
      object += key_text(*first);
      object += style_.key;
      object.append(out_, last->value, last->end - last->value);
    }
    object.push_back('}');
    out_.replace(from, std::string::npos, object);
  }

  std::string& out_;
  Style style_;
  TextRepairs& repairs_;
  std::vector<Member> members_;  // of all objects that are open, innermost last
};

// Length of the white space character that starts `text`, as Python's str.isspace() sees it; 0 if
// it starts with something else.
std::size_t leading_space(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  const unsigned char first = byte(0);
  if (first == ' ' || (first >= 0x09 && first <= 0x0D) || (first >= 0x1C && first <= 0x1F))
    return 1;
  if (first == 0xC2 && text.size() >= 2) return byte(1) == 0x85 || byte(1) == 0xA0 ? 2 : 0;
  if (first < 0xE1 || first > 0xE3) return 0;
  static constexpr std::array<std::string_view, 17> kWide = {
      "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
      "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
  for (const std::string_view wide : kWide) {
    if (text.starts_with(wide)) return wide.size();
  }
  return 0;
}

}  // namespace

void append_text(std::string& out, const RawString& raw, TextRepairs& repairs) {
  const std::string_view body = raw.body;
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t stop = raw.escaped ? std::min(body.find('\\', at), body.size()) : body.size();
    out.append(body, at, stop - at);
    at = stop;
    if (at == body.size()) return;
    if (body[at + 1] == 'u') {
      append_utf8(out, read_unicode_escape(body, at, repairs));
    } else {
      out.push_back(plain_of_escape(body[at + 1]));
      at += 2;
    }
  }
}

void append_respelled(std::string& out, const RawString& raw, TextRepairs& repairs) {
  if (raw.canonical) {
    out += raw.body;
    return;
  }
  const std::string_view body = raw.body;
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t stop = std::min(body.find('\\', at), body.size());
    out.append(body, at, stop - at);
    at = stop;
    if (at == body.size()) return;
    if (body[at + 1] == 'u') {
      const std::uint32_t code = read_unicode_escape(body, at, repairs);
      if (code < 0x80 && needs_escape(static_cast<char>(code))) {
        append_escaped_byte(out, static_cast<char>(code));
      } else {
        append_utf8(out, code);
      }
    } else {
      if (body[at + 1] != '/') out.push_back('\\');
      out.push_back(body[at + 1]);
      at += 2;
    }
  }
}

void append_escaped(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    const char* const stop = end_of_plain_text(at, end);
    out.append(at, stop);
    if (stop == end) return;
    append_escaped_byte(out, *stop);
    at = stop + 1;
  }
}

void append_python_json(std::string& out, std::string_view raw, TextRepairs& repairs) {
  JsonCursor cursor(raw);
  Emitter(out, Style{", ", ": "}, repairs).value(cursor);
}

void append_compact_json(std::string& out, std::string_view raw, TextRepairs& repairs) {
  JsonCursor cursor(raw);
  Emitter(out, Style{",", ":"}, repairs).value(cursor);
}

void append_canonical_json(std::string& out, std::string_view raw, TextRepairs& repairs,
                           std::span<const std::string_view> dropped) {
  JsonCursor cursor(raw);
  Emitter(out, Style{",", ":", true, dropped}, repairs).value(cursor);
}

std::string_view strip_trailing_space(std::string_view body) {
  for (;;) {
    if (body.ends_with(' ')) {
      body.remove_suffix(1);
      continue;
    }
    const char last = body.empty() ? '\0' : body.back();
    if (last != 'n' && last != 't' && last != 'r' && last != 'f') return body;
    std::size_t slashes = 0;
    while (slashes + 1 < body.size() && body[body.size() - 2 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) return body;
    body.remove_suffix(2);
  }
}

std::string_view strip_space(std::string_view text) {
  while (const std::size_t length = leading_space(text)) text.remove_prefix(length);
  for (;;) {
    std::size_t length = 0;
    for (const std::size_t width : {std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
      if (text.size() >= width && leading_space(text.substr(text.size() - width)) == width) {
        length = width;
      }
    }
    if (length == 0) return text;
    text.remove_suffix(length);
  }
}

}  // namespace albicilla
