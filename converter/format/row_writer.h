// Writes one row of a dataset: JSON without spaces, strings spelled our way straight from the raw
// text they came in. Keeps no tree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "converter/format/row_text.h"
#include "converter/reading/items.h"
#include "converter/reading/json_text.h"

namespace albicilla {

// Appends to `out`, which must outlive it, and notes its long strings there. The caller closes what
// it opens: `out` holds all of it as soon as every object and every list is closed.
class RowWriter {
 public:
  explicit RowWriter(RowOutput out) : out_(out.text), strings_(out.strings), tools_(out.tools) {}
  ~RowWriter() { flush(); }
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  RowWriter& begin_object() { return begin('{'); }
  RowWriter& end_object() { return end('}'); }
  RowWriter& begin_array() { return begin('['); }
  RowWriter& end_array() { return end(']'); }
  RowWriter& key(std::string_view name);
  template <std::size_t N>
  RowWriter& key(const char (&name)[N]);
  // An object that begins with these members, valid and without spaces.
  RowWriter& begin_object_with(std::string_view members);

  RowWriter& string(const RawString& text) { return begin_string().add(text).end_string(); }
  RowWriter& plain(std::string_view text);   // escaped here
  RowWriter& body(std::string_view inside);  // a string's inside that is spelled our way already
  RowWriter& raw(std::string_view json);     // written as it is
  RowWriter& json(std::string_view raw);     // any checked JSON, without spaces
  RowWriter& number(std::int64_t value) { return raw(std::to_string(value)); }
  RowWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  RowWriter& null() { return raw("null"); }
  // The texts of all parts of one kind as one string.
  RowWriter& texts(std::span<const Part> parts, PartKind kind = PartKind::text);

  // A string put together from pieces.
  RowWriter& begin_string();
  RowWriter& add(const RawString& text);
  RowWriter& add_plain(std::string_view text);
  RowWriter& add_texts(std::span<const Part> parts, PartKind kind = PartKind::text);
  RowWriter& end_string();

  // The text from this byte of the output on; with size() before a key's value, that value.
  std::string_view written_from(std::size_t at) {
    flush();
    return std::string_view(out_).substr(at);
  }
  std::size_t size() const { return out_.size() + waiting_; }
  // Null when nothing is remembered from row to row.
  KnownTools* tools() { return tools_; }

 private:
  RowWriter& begin(char bracket);
  RowWriter& end(char bracket);
  void put(char c);
  void put(std::string_view piece);
  void before_value() {
    if (needs_comma_) put(',');
    needs_comma_ = true;
  }
  // Behind a value that stands in nothing.
  void settle() {
    if (depth_ == 0) flush();
  }
  void flush() {
    out_.append(few_.data(), waiting_);
    waiting_ = 0;
  }

  // Most pieces are a few bytes; gathered here they cost the string one append.
  static constexpr std::size_t kFew = 256;

  std::string& out_;
  KnownStrings* strings_;
  KnownTools* tools_;
  std::size_t string_at_ = 0;  // the first byte of the open string
  std::size_t waiting_ = 0;    // bytes in few_
  std::size_t depth_ = 0;
  TextRepairs repairs_;
  bool needs_comma_ = false;
  std::array<char, kFew> few_;
};

inline void RowWriter::put(char c) {
  if (waiting_ == kFew) flush();
  few_[waiting_++] = c;
}

inline RowWriter& RowWriter::begin(char bracket) {
  before_value();
  put(bracket);
  needs_comma_ = false;
  ++depth_;
  return *this;
}

inline RowWriter& RowWriter::end(char bracket) {
  put(bracket);
  needs_comma_ = true;
  --depth_;
  settle();
  return *this;
}

// Names are short and many: put together where it is compiled.
template <std::size_t N>
RowWriter& RowWriter::key(const char (&name)[N]) {
  constexpr std::size_t kSize = N + 3;  // with the comma
  static_assert(kSize <= kFew);
  char piece[kSize] = {',', '"'};
  std::memcpy(piece + 2, name, N - 1);
  piece[N + 1] = '"';
  piece[N + 2] = ':';
  if (kFew - waiting_ < kSize) flush();
  const std::size_t skipped = needs_comma_ ? 0 : 1;
  std::memcpy(few_.data() + waiting_, piece + skipped, kSize - 1);
  few_[waiting_ + kSize - 1 - skipped] = ':';
  waiting_ += kSize - skipped;
  needs_comma_ = false;
  return *this;
}

inline RowWriter& RowWriter::begin_string() {
  before_value();
  put('"');
  string_at_ = size();
  return *this;
}

inline RowWriter& RowWriter::end_string() {
  if (strings_ != nullptr) strings_->add({string_at_, size() - string_at_, true, true});
  put('"');
  settle();
  return *this;
}

bool has_kind(std::span<const Part> parts, PartKind kind);

}  // namespace albicilla
