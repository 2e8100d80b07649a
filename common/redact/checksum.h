// The checksums that tell a card number or an IBAN from any other digits. Pure.
#pragma once

#include <string_view>

namespace albicilla {

// 13 to 19 digits, blanks and hyphens between them allowed, that pass the Luhn check (ISO 7812).
bool is_card_number(std::string_view text);

// Length of the IBAN (ISO 13616) that `text` starts with: country, two digits, the length of its
// country, mod 97 = 1; single blanks allowed. 0 when it starts with none.
std::size_t iban_length(std::string_view text);

}  // namespace albicilla
