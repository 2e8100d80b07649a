#include "converter/format/row_check.h"

#include <algorithm>
#include <vector>

namespace albicilla {

void RowCheck::fail(const std::string& what) {
  if (failed_) return;
  failed_ = true;
  error_ = where() + ": " + what;
}

std::string RowCheck::where() const {
  std::vector<const Step*> steps;
  for (const Step* step = where_; step != nullptr; step = step->outer) steps.push_back(step);
  std::string text;
  for (auto next = steps.rbegin(); next != steps.rend(); ++next) {
    const Step& step = **next;
    if (!step.is_member) {
      text += '[' + std::to_string(step.place) + ']';
      continue;
    }
    if (!text.empty()) text.push_back('.');
    text += step.key;
  }
  return text.empty() ? "row" : text;
}

Status RowCheck::finish() {
  if (!failed_ && !cursor_.at_end()) {
    fail(cursor_.failed() ? std::string("not valid JSON: ") + cursor_.error()
                          : "text follows the row");
  }
  if (failed_) return client_error(error_);
  return {};
}

void RowCheck::object(Callback<std::string_view> member) {
  if (failed_) return;
  if (cursor_.kind() != JsonKind::object) return fail("must be an object");
  RawString key;
  Step step{where_, true, {}, 0};
  where_ = &step;
  cursor_.begin_object();
  while (!failed_ && cursor_.next_member(key)) {
    step.key = key.body;
    member(key.body);
  }
  where_ = step.outer;
}

void RowCheck::array(Callback<std::size_t> element) {
  if (failed_) return;
  if (cursor_.kind() != JsonKind::array) return fail("must be a list");
  Step step{where_, false, {}, 0};
  where_ = &step;
  cursor_.begin_array();
  for (; !failed_ && cursor_.next_element(); ++step.place) element(step.place);
  where_ = step.outer;
}

std::string_view RowCheck::string() {
  RawString text;
  if (failed_) return {};
  if (cursor_.kind() != JsonKind::string) {
    fail("must be a string");
    return {};
  }
  return cursor_.string(text) ? text.body : std::string_view{};
}

std::string_view RowCheck::text() {
  const std::string_view inside = string();
  if (inside.empty()) fail("must not be empty");
  return inside;
}

std::string_view RowCheck::string_one_of(std::initializer_list<std::string_view> words) {
  const std::string_view inside = string();
  if (failed_ || std::find(words.begin(), words.end(), inside) != words.end()) return inside;
  std::string list;
  for (const std::string_view word : words) list += (list.empty() ? "" : ", ") + std::string(word);
  fail("must be one of " + list);
  return inside;
}

void RowCheck::string_or_null() {
  if (kind() == JsonKind::null) {
    any();
  } else {
    string();
  }
}

void RowCheck::boolean() {
  if (kind() != JsonKind::boolean) return fail("must be true or false");
  any();
}

void RowCheck::number() {
  if (kind() != JsonKind::number) return fail("must be a number");
  any();
}

std::string_view RowCheck::any() {
  std::string_view raw;
  if (!failed_) cursor_.skip(raw);
  return raw;
}

void RowCheck::unknown(std::string_view key) {
  fail("the format has no member '" + std::string(key) + "'");
}

void Required::see(std::string_view name) {
  for (std::size_t i = 0; i < count_; ++i) {
    if (names_[i] == name) seen_ |= 1U << i;
  }
}

void Required::check(RowCheck& check) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if ((seen_ >> i & 1U) == 0) check.fail("'" + std::string(names_[i]) + "' is missing");
  }
}

}  // namespace albicilla
