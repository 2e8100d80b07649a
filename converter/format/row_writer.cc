#include "converter/format/row_writer.h"

#include <algorithm>

namespace albicilla {

void RowWriter::put(std::string_view piece) {
  if (piece.size() > kFew - waiting_) flush();
  if (piece.size() > kFew) {
    out_ += piece;
    return;
  }
  piece.copy(few_.data() + waiting_, piece.size());
  waiting_ += piece.size();
}

RowWriter& RowWriter::begin_object_with(std::string_view members) {
  begin_object();
  put(members);
  needs_comma_ = true;
  return *this;
}

RowWriter& RowWriter::key(std::string_view name) {
  before_value();
  put('"');
  put(name);
  put("\":");
  needs_comma_ = false;
  return *this;
}

RowWriter& RowWriter::add(const RawString& text) {
  if (text.canonical) {
    put(text.body);
  } else {
    flush();
    append_respelled(out_, text, repairs_);
  }
  return *this;
}

RowWriter& RowWriter::add_plain(std::string_view text) {
  flush();
  append_escaped(out_, text);
  return *this;
}

RowWriter& RowWriter::add_texts(std::span<const Part> parts, PartKind kind) {
  for (const Part& part : parts) {
    if (part.kind == kind) add(part.text);
  }
  return *this;
}

RowWriter& RowWriter::plain(std::string_view text) {
  return begin_string().add_plain(text).end_string();
}

RowWriter& RowWriter::body(std::string_view inside) {
  begin_string();
  put(inside);
  return end_string();
}

RowWriter& RowWriter::raw(std::string_view json) {
  before_value();
  put(json);
  settle();
  return *this;
}

RowWriter& RowWriter::json(std::string_view raw) {
  before_value();
  flush();
  append_compact_json(out_, raw, repairs_);
  return *this;
}

RowWriter& RowWriter::texts(std::span<const Part> parts, PartKind kind) {
  return begin_string().add_texts(parts, kind).end_string();
}

bool has_kind(std::span<const Part> parts, PartKind kind) {
  return std::any_of(parts.begin(), parts.end(),
                     [kind](const Part& part) { return part.kind == kind; });
}

}  // namespace albicilla
