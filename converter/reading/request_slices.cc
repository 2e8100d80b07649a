#include "converter/reading/request_slices.h"

namespace albicilla {

namespace {

bool slice_list(JsonCursor& cursor, LikelyTexts& likely, RequestSlices& slices) {
  slices.elements.clear();
  cursor.begin_array();
  bool goes_on = true;  // every element so far was the likely one
  while (cursor.next_element()) {
    cursor.kind();  // passes over the white space before the value
    const char* const from = cursor.rest().data();
    SlicedElement element;
    if (goes_on) element.known = likely.take_element(slices.elements.size(), cursor);
    goes_on = element.known != LikelyTexts::kUnknown;
    if (!goes_on && !cursor.skip()) return false;
    element.value = {from, static_cast<std::size_t>(cursor.rest().data() - from)};
    if (goes_on) slices.known_texts.push_back(element.value);
    slices.elements.push_back(element);
  }
  return !cursor.failed();
}

}  // namespace

void RequestSlices::clear() {
  text = {};
  kind = JsonKind::absent;
  fields.clear();
  list_name = {};
  elements.clear();
  known_texts.clear();
}

const SlicedField* RequestSlices::find(std::string_view name) const {
  for (std::size_t i = fields.size(); i > 0; --i) {
    if (fields[i - 1].name.is(name)) return &fields[i - 1];
  }
  return nullptr;
}

std::string_view RequestSlices::field(std::string_view name) const {
  const SlicedField* const found = find(name);
  return found == nullptr || found->value == "null" ? std::string_view{} : found->value;
}

bool slice_request(JsonCursor& cursor, LikelyTexts& likely, RequestSlices& slices) {
  slices.clear();
  slices.kind = cursor.kind();
  const char* const from = cursor.rest().data();
  if (slices.kind != JsonKind::object) return cursor.skip(slices.text);
  SlicedField field;
  cursor.begin_object();
  while (cursor.next_member(field.name)) {
    const JsonKind kind = cursor.kind();
    const bool is_list =
        kind == JsonKind::array && (field.name.is("messages") || field.name.is("input"));
    if (is_list) {
      slices.list_name = field.name.body;
      if (!slice_list(cursor, likely, slices)) return false;
      continue;
    }
    const char* const value = cursor.rest().data();
    field.known = likely.take_field(field.name.body, cursor);
    if (field.known == LikelyTexts::kUnknown && !cursor.skip()) return false;
    field.value = {value, static_cast<std::size_t>(cursor.rest().data() - value)};
    if (field.known != LikelyTexts::kUnknown) slices.known_texts.push_back(field.value);
    slices.fields.push_back(field);
  }
  slices.text = {from, static_cast<std::size_t>(cursor.rest().data() - from)};
  return !cursor.failed();
}

}  // namespace albicilla
