#include "converter/format/row_writer.h"

#include <algorithm>

namespace albicilla {

void RowWriter::before_value() {
  if (needs_comma_) out_.push_back(',');
  needs_comma_ = true;
}

RowWriter& RowWriter::begin_object() {
  before_value();
  out_.push_back('{');
  needs_comma_ = false;
  return *this;
}

RowWriter& RowWriter::end_object() {
  out_.push_back('}');
  needs_comma_ = true;
  return *this;
}

RowWriter& RowWriter::begin_array() {
  before_value();
  out_.push_back('[');
  needs_comma_ = false;
  return *this;
}

RowWriter& RowWriter::end_array() {
  out_.push_back(']');
  needs_comma_ = true;
  return *this;
}

RowWriter& RowWriter::begin_object_with(std::string_view members) {
  begin_object();
  out_ += members;
  needs_comma_ = true;
  return *this;
}

RowWriter& RowWriter::key(std::string_view name) {
  before_value();
  out_.push_back('"');
  out_ += name;
  out_ += "\":";
  needs_comma_ = false;
  return *this;
}

RowWriter& RowWriter::begin_string() {
  before_value();
  out_.push_back('"');
  string_at_ = out_.size();
  return *this;
}

RowWriter& RowWriter::add(const RawString& text) {
  append_respelled(out_, text, repairs_);
  return *this;
}

RowWriter& RowWriter::add_plain(std::string_view text) {
  append_escaped(out_, text);
  return *this;
}

RowWriter& RowWriter::add_texts(std::span<const Part> parts, PartKind kind) {
  for (const Part& part : parts) {
    if (part.kind == kind) add(part.text);
  }
  return *this;
}

RowWriter& RowWriter::end_string() {
  if (strings_ != nullptr) {
    strings_->add({string_at_, out_.size() - string_at_, true, true});
  }
  out_.push_back('"');
  return *this;
}

RowWriter& RowWriter::string(const RawString& text) {
  return begin_string().add(text).end_string();
}

RowWriter& RowWriter::plain(std::string_view text) {
  return begin_string().add_plain(text).end_string();
}

RowWriter& RowWriter::body(std::string_view inside) {
  begin_string();
  out_ += inside;
  return end_string();
}

RowWriter& RowWriter::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

RowWriter& RowWriter::json(std::string_view raw) {
  before_value();
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
