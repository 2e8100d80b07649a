#include "sink/store/xml_fields.h"

#include <array>
#include <utility>

namespace albicilla {

namespace {

constexpr std::array<std::pair<char, std::string_view>, 5> kEntities{
    {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}}};

std::string decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    bool entity = false;
    for (const auto& [plain, escaped] : kEntities) {
      if (!text.starts_with(escaped)) continue;
      out.push_back(plain);
      text.remove_prefix(escaped.size());
      entity = true;
      break;
    }
    if (entity) continue;
    out.push_back(text.front());
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::vector<std::string_view> xml_elements(std::string_view xml, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::string close = "</" + std::string(name) + ">";
  std::vector<std::string_view> found;
  std::size_t at = 0;
  while ((at = xml.find(open, at)) != std::string_view::npos) {
    const std::size_t start = at + open.size();
    const std::size_t end = xml.find(close, start);
    if (end == std::string_view::npos) break;
    found.push_back(xml.substr(start, end - start));
    at = end + close.size();
  }
  return found;
}

std::string xml_field(std::string_view xml, std::string_view name) {
  const auto found = xml_elements(xml, name);
  return found.empty() ? std::string() : decoded(found.front());
}

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    std::string_view escaped;
    for (const auto& [plain, entity] : kEntities) {
      if (c == plain) escaped = entity;
    }
    if (escaped.empty()) {
      out.push_back(c);
    } else {
      out += escaped;
    }
  }
  return out;
}

}  // namespace albicilla
