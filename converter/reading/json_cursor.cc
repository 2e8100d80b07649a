#include "converter/reading/json_cursor.h"

namespace albicilla {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

JsonCursor::JsonCursor(std::string_view text, const KnownText& known) : JsonCursor(text) {
  if (known.strings == nullptr || text.empty()) return;
  known_begin_ = known.begin;
  known_ = known.strings->from(static_cast<std::size_t>(begin_ - known.begin));
  known_end_ = known.strings->end();
}

// Takes a string whose end is known.
bool JsonCursor::scan_known(RawString& value) {
  const auto at = static_cast<std::size_t>(at_ - known_begin_);
  while (known_ != known_end_ && known_->at < at) ++known_;
  if (known_ == known_end_ || known_->at != at) return false;
  if (known_->size >= static_cast<std::size_t>(end_ - at_)) return false;
  value = {{at_, known_->size}, known_->escaped, known_->canonical};
  at_ += known_->size + 1;
  ++known_;
  return true;
}

// Stands behind the opening quote.
bool JsonCursor::scan_long(RawString& value) {
  if (known_ != known_end_ && scan_known(value)) return true;
  const char* const from = at_;
  const StringScan scan = scan_json_string(from, end_);
  at_ = scan.at;
  if (scan.error != nullptr) return fail(scan.error);
  value = {{from, static_cast<std::size_t>(at_ - from)}, scan.escaped, scan.canonical};
  ++at_;
  if (learned_ != nullptr) {
    learned_->add({static_cast<std::size_t>(from - begin_), value.body.size(), value.escaped,
                   value.canonical});
  }
  return true;
}

bool JsonCursor::next_other_member(RawString& key) {
  if (failed()) return false;
  skip_space();
  const bool first = std::exchange(first_, false);
  if (next() == '}') {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) {
    if (next() != ',') return fail("',' or '}' was expected in an object");
    ++at_;
  }
  return scan_key(key);
}

bool JsonCursor::scan_number() {
  const char* at = at_;
  const auto next_is_digit = [this, &at] { return at < end_ && is_digit(*at); };
  const auto stop = [this, &at](const char* reason) {
    at_ = at;
    return reason == nullptr || fail(reason);
  };
  if (at < end_ && *at == '-') ++at;
  if (!next_is_digit()) return stop("a value was expected");
  if (*at == '0') {
    ++at;
  } else {
    while (next_is_digit()) ++at;
  }
  if (at < end_ && *at == '.') {
    ++at;
    if (!next_is_digit()) return stop("a digit was expected after '.'");
    while (next_is_digit()) ++at;
  }
  if (at < end_ && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at < end_ && (*at == '+' || *at == '-')) ++at;
    if (!next_is_digit()) return stop("a digit was expected in an exponent");
    while (next_is_digit()) ++at;
  }
  return stop(nullptr);
}

bool JsonCursor::scan_word(std::string_view word) {
  if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word) {
    return fail("a value was expected");
  }
  at_ += word.size();
  return true;
}

bool JsonCursor::scan_scalar() {
  RawString ignored;
  switch (next()) {
    case '"':
      return scan_string(ignored);
    case 't':
      return scan_word("true");
    case 'f':
      return scan_word("false");
    case 'n':
      return scan_word("null");
    default:
      return scan_number();
  }
}

bool JsonCursor::skip() {
  if (failed()) return false;
  skip_space();
  return next() == '{' || next() == '[' ? skip_container() : scan_scalar();
}

// Stands at the opening bracket.
bool JsonCursor::skip_container() {
  char closing[kMostJsonDepth];  // of the containers opened here, by nesting
  unsigned open = 0;
  RawString key;
  for (;;) {
    const char c = next();
    if (c == '{' || c == '[') {
      if (depth_ + open >= kMostJsonDepth) return fail("nested too deep");
      ++at_;
      skip_space();
      const char close = c == '{' ? '}' : ']';
      if (next() != close) {
        closing[open++] = close;
        if (c == '{' && !scan_key(key)) return false;
        skip_space();
        continue;
      }
      ++at_;
    } else if (!scan_scalar()) {
      return false;
    }
    for (;;) {  // a value is done: close what it closes
      if (open == 0) return true;
      skip_space();
      const char close = closing[open - 1];
      if (next() == ',') {
        ++at_;
        if (close == '}' && !scan_key(key)) return false;
        skip_space();
        break;
      }
      if (next() != close) return fail("',' or a closing bracket was expected");
      ++at_;
      --open;
    }
  }
}

}  // namespace albicilla
