// Walks JSON text (RFC 8259, strict) forward and hands out its bytes as they were written, so that
// numbers, key order and escapes survive. It may start at any value inside a document: that is what
// lets the converter skip bytes which it has seen before. Pure; never allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/json/scan.h"
#include "common/json/walk.h"
#include "converter/reading/known_strings.h"

namespace albicilla {

// Views point into the text given to the constructor, which must outlive them. UTF-8 is not checked
// here (is_utf8 of common/json does that for a whole line at once). Text nested deeper than
// kMostJsonDepth is refused. After a failure every further
// call fails. Belongs to one thread.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  // The same over `text` inside a larger one of which something is known.
  JsonCursor(std::string_view text, const KnownText& known);
  // Notes where long strings stand from now on; places are counted from the text's first byte.
  void learn(KnownStrings& strings) { learned_ = &strings; }

  // Goes on inside an array, behind one of its elements; `depth` containers are open there.
  static JsonCursor behind_element(std::string_view rest, unsigned depth);

  // What comes next; absent at the end of the text, before a closing bracket and after a failure.
  JsonKind kind();

  // Members: `if (c.begin_object()) while (c.next_member(key)) { consume one value }`.
  bool begin_object();
  bool next_member(RawString& key);
  // Elements: `if (c.begin_array()) while (c.next_element()) { consume one value }`.
  bool begin_array();
  bool next_element();

  bool string(RawString& value);
  // Any value, checked and passed over; `raw` is its text.
  bool skip(std::string_view& raw);
  bool skip();
  // Takes `raw`, the text of a whole container or string that was checked before, if the same
  // bytes come next.
  bool skip_known(std::string_view raw);

  // True when only white space is left.
  bool at_end();
  bool failed() const { return error_ != nullptr; }
  // What was wrong; nullptr when nothing was.
  const char* error() const { return error_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  // What has not been walked over yet.
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  // Containers that are open.
  unsigned depth() const { return depth_; }

 private:
  void skip_space();
  char next() const { return at_ < end_ ? *at_ : '\0'; }
  bool fail(const char* reason);
  bool scan_string(RawString& value);
  bool scan_short(RawString& value);
  bool scan_known(RawString& value);
  bool scan_number();
  bool scan_word(std::string_view word);
  bool scan_scalar();
  bool scan_key(RawString& key);

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* error_ = nullptr;
  unsigned depth_ = 0;
  bool first_ = false;  // no member or element of the innermost container has been given out yet
  const char* known_begin_ = nullptr;
  const KnownStrings::Place* known_ = nullptr;  // the next one
  const KnownStrings::Place* known_end_ = nullptr;
  KnownStrings* learned_ = nullptr;
};

}  // namespace albicilla
