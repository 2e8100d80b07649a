// Writes one row of a dataset: JSON without spaces, strings spelled our way straight from the raw
// text they came in. Keeps no tree.
#pragma once

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
// it opens.
class RowWriter {
 public:
  explicit RowWriter(RowOutput out) : out_(out.text), strings_(out.strings), tools_(out.tools) {}

  RowWriter& begin_object();
  RowWriter& end_object();
  RowWriter& begin_array();
  RowWriter& end_array();
  RowWriter& key(std::string_view name);
  template <std::size_t N>
  RowWriter& key(const char (&name)[N]);
  // An object that begins with these members, valid and without spaces.
  RowWriter& begin_object_with(std::string_view members);

  RowWriter& string(const RawString& text);
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
  std::string_view written_from(std::size_t at) const { return std::string_view(out_).substr(at); }
  std::size_t size() const { return out_.size(); }
  // Null when nothing is remembered from row to row.
  KnownTools* tools() { return tools_; }

 private:
  void before_value();

  std::string& out_;
  KnownStrings* strings_;
  KnownTools* tools_;
  std::size_t string_at_ = 0;  // the first byte of the open string
  TextRepairs repairs_;
  bool needs_comma_ = false;
};

// Names are short and many: one append for all four pieces, put together where it is compiled.
template <std::size_t N>
RowWriter& RowWriter::key(const char (&name)[N]) {
  char piece[N + 3] = {',', '"'};
  std::memcpy(piece + 2, name, N - 1);
  piece[N + 1] = '"';
  piece[N + 2] = ':';
  const std::size_t skipped = needs_comma_ ? 0 : 1;
  out_.append(piece + skipped, sizeof piece - skipped);
  needs_comma_ = false;
  return *this;
}

bool has_kind(std::span<const Part> parts, PartKind kind);

}  // namespace albicilla
