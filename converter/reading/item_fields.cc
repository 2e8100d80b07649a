#include "converter/reading/item_fields.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace albicilla {

namespace {

struct FieldName {
  std::string_view name;
  Field field;
};

constexpr FieldName kNames[] = {
    {"role", Field::role},
    {"type", Field::type},
    {"text", Field::text},
    {"content", Field::content},
    {"id", Field::id},
    {"name", Field::name},
    {"arguments", Field::arguments},
    {"tool_call_id", Field::tool_call_id},
    {"tool_use_id", Field::tool_use_id},
    {"input", Field::input},
    {"call_id", Field::call_id},
    {"output", Field::output},
    {"is_error", Field::is_error},
    {"thinking", Field::thinking},
    {"reasoning_content", Field::reasoning_content},
    {"reasoning", Field::reasoning},
    {"refusal", Field::refusal},
    {"image_url", Field::image_url},
    {"source", Field::source},
    {"function_call", Field::function_call},
    {"summary", Field::summary},
    {"action", Field::action},
    {"data", Field::data},
    {"url", Field::url},
};

// Where a name stands in the table below. No two names share a place.
constexpr std::size_t place_of(std::string_view name) {
  return (name.size() + 4 * static_cast<unsigned char>(name.front()) +
          3 * static_cast<unsigned char>(name.back())) %
         64;
}

constexpr std::array<const FieldName*, 64> kByPlace = [] {
  std::array<const FieldName*, 64> table{};
  for (const FieldName& name : kNames) table[place_of(name.name)] = &name;
  return table;
}();
static_assert(std::size(kNames) ==
                  64 - static_cast<std::size_t>(std::count(kByPlace.begin(), kByPlace.end(),
                                                           nullptr)),
              "two names share a place: another sum is needed");

const Field* field_of(const RawString& key) {
  if (key.body.empty()) return nullptr;
  const FieldName* const candidate = kByPlace[place_of(key.body)];
  return candidate != nullptr && key.is(candidate->name) ? &candidate->field : nullptr;
}

struct TypeName {
  std::string_view name;
  PartKind kind;
};

constexpr TypeName kTypes[] = {
    {"text", PartKind::text},
    {"input_text", PartKind::text},
    {"output_text", PartKind::text},
    {"summary_text", PartKind::text},
    {"reasoning_text", PartKind::text},
    {"thinking", PartKind::reasoning},
    {"redacted_thinking", PartKind::reasoning},
    {"reasoning", PartKind::reasoning},
    {"refusal", PartKind::refusal},
    {"tool_use", PartKind::call},
    {"image_url", PartKind::image},
    {"image", PartKind::image},
    {"input_image", PartKind::image},
    {"input_audio", PartKind::media},
    {"audio", PartKind::media},
    {"file", PartKind::media},
    {"input_file", PartKind::media},
    {"document", PartKind::media},
    {"video_url", PartKind::media},
};

PartKind kind_of(const Fields& fields) {
  const FieldValue& type = fields[Field::type];
  for (const TypeName& candidate : kTypes) {
    if (type.is(candidate.name)) return candidate.kind;
  }
  // A part without a type is a text when it holds one.
  return type.kind == JsonKind::absent && fields[Field::text].is_text() ? PartKind::text
                                                                        : PartKind::other;
}

// The URL or the base64 bytes of an image: a string, or inside an object one level down.
RawString image_of(const Fields& fields) {
  for (const Field field : {Field::image_url, Field::source}) {
    const FieldValue& value = fields[field];
    if (value.is_text()) return value.text;
    JsonCursor cursor(value.raw);
    if (value.kind != JsonKind::object || !cursor.begin_object()) continue;
    RawString key;
    while (cursor.next_member(key)) {
      RawString text;
      const bool holds_image = key.is("url") || key.is("data");
      if (holds_image && cursor.kind() == JsonKind::string && cursor.string(text)) return text;
      cursor.skip();
    }
  }
  return {};
}

}  // namespace

Part call_part(const Fields& fields, std::string_view raw) {
  Part part;
  part.kind = PartKind::call;
  part.raw = raw;
  part.id = fields[Field::call_id].is_text() ? fields[Field::call_id].text : fields[Field::id].text;
  part.name = fields[Field::name].text;
  const FieldValue& arguments = fields[Field::arguments];
  const FieldValue& input = fields[Field::input];
  if (arguments.kind != JsonKind::absent) {
    part.arguments = arguments.raw;
    part.arguments_kind = arguments.is_text() ? ArgumentsKind::json_text : ArgumentsKind::json;
  } else if (input.kind != JsonKind::absent) {
    part.arguments = input.raw;
    part.arguments_kind = input.is_text() ? ArgumentsKind::free_text : ArgumentsKind::json;
  } else if (fields[Field::action].kind != JsonKind::absent) {
    part.arguments = fields[Field::action].raw;
    part.arguments_kind = ArgumentsKind::json;
  }
  return part;
}

Status ItemReader::read(std::string_view raw, const KnownText& known) {
  parts_.clear();
  calls_.clear();
  results_.clear();
  JsonCursor cursor(raw, known);
  if (cursor.kind() != JsonKind::object) return client_error("a message is not an object");
  if (object(cursor, 0)) return {};
  return client_error(std::string("a message is not valid: ") + cursor.error());
}

Status ItemReader::read_content(std::string_view raw, const KnownText& known) {
  parts_.clear();
  calls_.clear();
  results_.clear();
  levels_[0].clear();
  JsonCursor cursor(raw, known);
  FieldValue read;
  read.field = Field::content;
  if (!content(cursor, read, 0)) {
    return client_error(std::string("a text is not valid: ") + cursor.error());
  }
  levels_[0].add(read);
  return {};
}

bool ItemReader::object(JsonCursor& cursor, std::size_t level) {
  levels_[level].clear();
  RawString key;
  if (!cursor.begin_object()) return false;
  while (cursor.next_member(key)) {
    if (!member(cursor, key, level)) return false;
  }
  return !cursor.failed();
}

bool ItemReader::member(JsonCursor& cursor, const RawString& key, std::size_t level) {
  const Field* const field = field_of(key);
  if (field == nullptr) return other_member(cursor, key, level);
  FieldValue read;
  read.field = *field;
  const bool holds_parts =
      *field == Field::content || *field == Field::output || *field == Field::summary;
  if (holds_parts && level == 0 && levels_[0][*field].kind != JsonKind::absent) {
    parts_.clear();  // of equal members the last counts
    results_.clear();
  }
  const bool done = holds_parts ? content(cursor, read, level) : value(cursor, read);
  if (done) levels_[level].add(read);
  return done;
}

bool ItemReader::other_member(JsonCursor& cursor, const RawString& key, std::size_t level) {
  if (level == 0 && key.is("tool_calls") && cursor.kind() == JsonKind::array) {
    return calls(cursor, level + 1);
  }
  // What describes a function stands one level down in chat completions.
  if ((key.is("function") || key.is("custom")) && cursor.kind() == JsonKind::object) {
    RawString inner;
    cursor.begin_object();
    while (cursor.next_member(inner)) {
      if (!member(cursor, inner, level)) return false;
    }
    return !cursor.failed();
  }
  return cursor.skip();
}

bool ItemReader::value(JsonCursor& cursor, FieldValue& value) {
  value.kind = cursor.kind();
  if (value.kind != JsonKind::string) return cursor.skip(value.raw);
  const char* const from = cursor.rest().data();
  if (!cursor.string(value.text)) return false;
  value.raw = {from, static_cast<std::size_t>(cursor.rest().data() - from)};
  return true;
}

bool ItemReader::content(JsonCursor& cursor, FieldValue& read, std::size_t level) {
  read.kind = cursor.kind();
  if (read.kind == JsonKind::string) {
    if (!value(cursor, read)) return false;
    Part text;
    text.text = read.text;
    parts_.push_back(text);
    return true;
  }
  if (read.kind != JsonKind::array || level + 1 >= kLevels) return cursor.skip(read.raw);
  const char* const from = cursor.rest().data();
  cursor.begin_array();
  while (cursor.next_element()) {
    if (!part(cursor, level + 1)) return false;
  }
  read.raw = {from, static_cast<std::size_t>(cursor.rest().data() - from)};
  return !cursor.failed();
}

bool ItemReader::part(JsonCursor& cursor, std::size_t level) {
  const JsonKind kind = cursor.kind();
  const char* const from = cursor.rest().data();
  if (kind != JsonKind::object) {
    Part part;
    if (kind == JsonKind::string) {
      if (!cursor.string(part.text)) return false;
    } else {
      part.kind = PartKind::other;
      if (!cursor.skip(part.raw)) return false;
    }
    parts_.push_back(part);
    return true;
  }
  const auto inner = static_cast<std::uint32_t>(parts_.size());
  if (!object(cursor, level)) return false;
  const std::string_view raw(from, static_cast<std::size_t>(cursor.rest().data() - from));
  finish_part(levels_[level], raw, inner, level > 1);
  return true;
}

// The parts that were read inside this one stand from `inner` on.
void ItemReader::finish_part(const Fields& fields, std::string_view raw, std::uint32_t inner,
                             bool nested) {
  if (fields[Field::type].is("tool_result") && !nested) {
    results_.push_back({inner, static_cast<std::uint32_t>(parts_.size()),
                        fields[Field::tool_use_id].text, fields[Field::is_error].raw == "true"});
    return;
  }
  parts_.resize(inner);
  Part part;
  part.kind = kind_of(fields);
  if (part.kind == PartKind::call) {
    part = call_part(fields, raw);
  } else if (part.kind == PartKind::text) {
    part.text = fields[Field::text].text;
  } else if (part.kind == PartKind::reasoning) {
    part.text = fields[fields[Field::thinking].is_text() ? Field::thinking : Field::text].text;
  } else if (part.kind == PartKind::refusal) {
    part.text = fields[Field::refusal].text;
  } else if (part.kind == PartKind::image) {
    part.text = image_of(fields);
  }
  part.raw = raw;
  parts_.push_back(part);
}

bool ItemReader::calls(JsonCursor& cursor, std::size_t level) {
  cursor.begin_array();
  while (cursor.next_element()) {
    const char* const from = cursor.rest().data();
    if (cursor.kind() != JsonKind::object) {
      if (!cursor.skip()) return false;
      continue;
    }
    if (!object(cursor, level)) return false;
    const std::string_view raw(from, static_cast<std::size_t>(cursor.rest().data() - from));
    calls_.push_back(call_part(levels_[level], raw));
  }
  return !cursor.failed();
}

}  // namespace albicilla
