#include "proxy/traffic/hop_fields.h"

#include <algorithm>
#include <array>

namespace albicilla {
namespace {

constexpr std::array<std::string_view, 7> kAlways{
    "connection", "keep-alive",         "proxy-connection",    "te",
    "upgrade",    "proxy-authenticate", "proxy-authorization",
};

constexpr std::array<std::string_view, 3> kNever{"content-length", "host", "transfer-encoding"};

bool is_one_of(std::string_view name, const auto& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return same_name(name, known); });
}

template <class Visit>
void each_token(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    std::string_view token = list.substr(0, comma);
    list.remove_prefix(std::min(list.size(), comma + 1));
    while (!token.empty() && (token.front() == ' ' || token.front() == '\t'))
      token.remove_prefix(1);
    while (!token.empty() && (token.back() == ' ' || token.back() == '\t')) token.remove_suffix(1);
    if (!token.empty()) visit(token);
  }
}

}  // namespace

HopFields::HopFields(const Headers& headers) {
  for (const Header& field : headers) {
    if (!same_name(field.name, "connection")) continue;
    each_token(field.value, [&](std::string_view token) {
      if (!is_one_of(token, kNever) && !is_one_of(token, kAlways)) named_.push_back(token);
    });
  }
}

bool HopFields::contains(std::string_view name) const {
  return is_one_of(name, kAlways) || is_one_of(name, named_);
}

bool has_token(const Headers& headers, std::string_view name, std::string_view token) {
  bool found = false;
  each_list_element(headers, name,
                    [&](std::string_view each) { found = found || same_name(each, token); });
  return found;
}

void each_list_element(const Headers& headers, std::string_view name,
                       const std::function<void(std::string_view)>& visit) {
  for (const Header& field : headers) {
    if (same_name(field.name, name)) each_token(field.value, visit);
  }
}

}  // namespace albicilla
