#include "common/translate/field_rules.h"

#include <algorithm>

namespace albicilla {

namespace {

// A field name as it may stand in a message: it came from outside.
std::string quotable(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 64)) {
    out.push_back(c >= ' ' && c < 0x7F ? c : '?');
  }
  return out;
}

}  // namespace

void Notes::add(std::string note) {
  if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
    notes_.push_back(std::move(note));
  }
}

Error refused(std::string_view where, std::string_view why) {
  return client_error(std::string(where) + ": " + std::string(why));
}

std::string place(std::string_view where, std::string_view name) {
  return where.empty() ? std::string(name) : std::string(where) + "." + std::string(name);
}

std::string place(std::string_view where, std::size_t index) {
  return std::string(where) + "[" + std::to_string(index) + "]";
}

Status check_fields(const Json& object, std::span<const FieldRule> rules, std::string_view where,
                    Notes& notes) {
  for (const Json::Member& member : object.members()) {
    if (member.second.is_null()) continue;
    const std::string& name = member.first;
    const auto rule = std::find_if(rules.begin(), rules.end(),
                                   [&](const FieldRule& one) { return one.name == name; });
    if (rule == rules.end()) {
      return refused(place(where, quotable(name)), "cannot be expressed in the upstream's API");
    }
    if (!rule->dropped_because.empty()) {
      notes.add(name + ": dropped, " + std::string(rule->dropped_because));
    }
  }
  return {};
}

}  // namespace albicilla
