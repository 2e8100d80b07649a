// What a dataset tells of an exchange beside its words, as one text of an ItemStore: kept in a form
// that is read without a look at its bytes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace albicilla {

// Strings without their quotes, spelled as the line spells them; empty when it does not say.
struct ExchangeFacts {
  std::string_view id;
  std::string_view model;
  std::string_view user;
  std::string_view client;
  std::string_view usage;  // raw JSON value
};

// Puts them into `text`, which is overwritten.
void write_facts(const ExchangeFacts& facts, std::string& text);
// Views into `text`, which write_facts made.
ExchangeFacts read_facts(std::string_view text);

}  // namespace albicilla
