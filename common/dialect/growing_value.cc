#include "common/dialect/growing_value.h"

#include <algorithm>
#include <array>

namespace albicilla {

namespace {

// A stream repeats these whole instead of sending them in pieces.
constexpr std::array<std::string_view, 8> kNames = {"id",     "type",   "role",     "object",
                                                    "format", "status", "language", "phase"};

// Real objects and arrays are small. Behind this many the same key or index would be written twice
// (valid JSON, nothing lost) rather than cost a hostile stream's square.
constexpr std::size_t kMostLookups = 512;

}  // namespace

bool GrowingValue::names_something(std::string_view key) {
  return std::find(kNames.begin(), kNames.end(), key) != kNames.end();
}

// Members and elements have places of their own, so that they stay where they are when others come.
std::unique_ptr<GrowingValue::Member> GrowingValue::make_member(std::string_view key) {
  return std::make_unique<Member>(Member{std::string(key), {}});
}

std::unique_ptr<GrowingValue::Element> GrowingValue::make_element(std::uint64_t index) {
  return std::make_unique<Element>(Element{index, {}});
}

GrowingValue::GrowingValue() = default;
GrowingValue::~GrowingValue() = default;
GrowingValue::GrowingValue(GrowingValue&&) noexcept = default;
GrowingValue& GrowingValue::operator=(GrowingValue&&) noexcept = default;

std::string_view GrowingValue::inside() const {
  return kind_ == JsonKind::string ? std::string_view(text_) : std::string_view();
}

// Turns into `kind`; what was said before and does not fit becomes an array's first element.
void GrowingValue::become(JsonKind kind) {
  if (kind_ == kind) return expand();
  if (!absent_or_null() && kind == JsonKind::array) {
    GrowingValue before = std::move(*this);
    *this = GrowingValue();
    elements_.push_back(make_element(0));
    elements_.back()->value = std::move(before);
  } else {
    text_.clear();
    members_.clear();
    elements_.clear();
  }
  kind_ = kind;
}

void GrowingValue::expand() {
  if (text_.empty() || (kind_ != JsonKind::object && kind_ != JsonKind::array)) return;
  const std::string raw = std::move(text_);
  text_.clear();
  JsonMember one;
  for (JsonMembers all(raw); all.next(one);) {
    members_.push_back(make_member(one.key));
    members_.back()->value.set(one.value);
  }
  std::string_view element_text;
  for (JsonElements all(raw); all.next(element_text);) {
    const auto index = json_count(json_member(element_text, "index"));
    elements_.push_back(make_element(index.value_or(next_index())));
    elements_.back()->value.set(element_text);
  }
}

std::uint64_t GrowingValue::next_index() const {
  return elements_.empty() ? 0 : elements_.back()->index + 1;
}

void GrowingValue::set(std::string_view raw) {
  become(JsonKind::absent);
  kind_ = json_kind(raw);
  text_.assign(kind_ == JsonKind::string ? json_inside(raw) : raw);
}

void GrowingValue::append_inside(std::string_view inside) {
  if (!absent_or_null() && kind_ != JsonKind::string) {
    std::string raw = "\"";
    raw.append(inside).push_back('"');
    return push(raw);
  }
  become(JsonKind::string);
  text_.append(inside);
}

void GrowingValue::push(std::string_view raw) {
  become(JsonKind::array);
  elements_.push_back(make_element(next_index()));
  elements_.back()->value.set(raw);
}

GrowingValue& GrowingValue::member(std::string_view key) {
  become(JsonKind::object);
  const std::size_t most_tries = std::min(members_.size(), kMostLookups);
  for (std::size_t tries = 0; tries < most_tries; ++tries) {
    if (next_member_ >= members_.size()) next_member_ = 0;
    Member& candidate = *members_[next_member_++];
    if (candidate.key == key) return candidate.value;
  }
  members_.push_back(make_member(key));
  next_member_ = members_.size();
  return members_.back()->value;
}

GrowingValue* GrowingValue::find(std::string_view key) {
  expand();
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const auto& member) { return member->key == key; });
  return found == members_.end() ? nullptr : &(*found)->value;
}

GrowingValue& GrowingValue::element(std::uint64_t index) {
  become(JsonKind::array);
  const std::size_t most_tries = std::min(elements_.size(), kMostLookups);
  for (std::size_t back = 1; back <= most_tries; ++back) {
    Element& candidate = *elements_[elements_.size() - back];
    if (candidate.index == index) return candidate.value;
  }
  elements_.push_back(make_element(index));
  return elements_.back()->value;
}

void GrowingValue::grow(std::string_view raw) {
  const JsonKind kind = json_kind(raw);
  if (kind == JsonKind::null) {
    if (absent()) set(raw);
  } else if (kind == JsonKind::string) {
    append_inside(json_inside(raw));
  } else if (kind == JsonKind::array) {
    become(JsonKind::array);
    std::string_view element_text;
    for (JsonElements all(raw); all.next(element_text);) {
      const auto index = json_count(json_member(element_text, "index"));
      if (index) {
        element(*index).grow(element_text);
      } else {
        push(element_text);
      }
    }
  } else if (kind != JsonKind::object) {
    const bool scalar = kind_ == JsonKind::number || kind_ == JsonKind::boolean;
    absent_or_null() || scalar ? set(raw) : push(raw);
  } else if (absent_or_null()) {
    set(raw);
  } else if (kind_ != JsonKind::object) {
    push(raw);
  } else {
    become(JsonKind::object);
    JsonMember one;
    for (JsonMembers all(raw); all.next(one);) grow_member(one.key, one.value);
  }
}

void GrowingValue::grow_member(std::string_view key, std::string_view raw) {
  GrowingValue& value = member(key);
  names_something(key) ? value.update(raw) : value.grow(raw);
}

void GrowingValue::update(std::string_view raw) {
  if (raw == "null" || raw == "\"\"" || raw == "[]") {
    if (absent()) set(raw);
    return;
  }
  if (raw == text_ && kind_ != JsonKind::string) return;
  if (json_kind(raw) != JsonKind::object) return set(raw);
  if (absent_or_null()) return set(raw);
  become(JsonKind::object);
  JsonMember one;
  for (JsonMembers all(raw); all.next(one);) member(one.key).update(one.value);
}

void GrowingValue::write(std::string& out) const {
  if (absent()) {
    out.append("null");
  } else if (kind_ == JsonKind::string) {
    out.append("\"").append(text_).push_back('"');
  } else if (!text_.empty()) {
    out.append(text_);
  } else if (kind_ == JsonKind::array) {
    write_elements(out);
  } else {
    char before = '{';
    for (const auto& member : members_) {
      out.push_back(before);
      out.append("\"").append(member->key).append("\":");
      member->value.write(out);
      before = ',';
    }
    out.append(members_.empty() ? "{}" : "}");
  }
}

void GrowingValue::write_elements(std::string& out) const {
  std::vector<const Element*> sorted;
  sorted.reserve(elements_.size());
  for (const auto& element : elements_) sorted.push_back(element.get());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Element* a, const Element* b) { return a->index < b->index; });
  char before = '[';
  for (const Element* element : sorted) {
    out.push_back(before);
    element->value.write(out);
    before = ',';
  }
  out.append(elements_.empty() ? "[]" : "]");
}

}  // namespace albicilla
