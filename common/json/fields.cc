#include "common/json/fields.h"

namespace albicilla {

JsonFields::JsonFields(std::string_view object) : object_(object) {
  JsonMember member;
  for (JsonMembers members(object); members.next(member);) {
    if (count_ == kMostKept || member.key.find('\\') != std::string_view::npos) {
      all_kept_ = false;
      return;
    }
    kept_[count_++] = member;
  }
}

std::string_view JsonFields::operator[](std::string_view name) const {
  if (!all_kept_) return json_member(object_, name);
  for (std::size_t i = count_; i > 0; --i) {
    if (kept_[i - 1].key == name) return kept_[i - 1].value;
  }
  return {};
}

}  // namespace albicilla
