// The little XML that object stores answer: the text of an element, found by name. Not a parser:
// the answers are flat, come from a server we authenticated against, and are capped in size.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace albicilla {

// Of the first <name>text</name>, entities decoded; empty when there is none.
std::string xml_field(std::string_view xml, std::string_view name);
// What stands inside each <name>...</name>, not decoded, in order.
std::vector<std::string_view> xml_elements(std::string_view xml, std::string_view name);
// The five characters that XML reserves, as entities.
std::string xml_escape(std::string_view text);

}  // namespace albicilla
