#include "common/redact/checksum.h"

#include <array>
#include <cstdint>

namespace albicilla {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// The registry of SWIFT: country and length of its IBANs.
constexpr std::string_view kIbanLengths =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FK18"
    "FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20"
    "LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24"
    "SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

std::size_t length_for(std::string_view country) {
  for (std::size_t at = 0; at + 4 <= kIbanLengths.size(); at += 4) {
    if (kIbanLengths.substr(at, 2) == country) {
      return static_cast<std::size_t>((kIbanLengths[at + 2] - '0') * 10 + kIbanLengths[at + 3] -
                                      '0');
    }
  }
  return 0;
}

// Mod 97 of the number that the IBAN spells with its first four characters at the end.
std::uint32_t iban_remainder(std::string_view compact) {
  std::uint32_t remainder = 0;
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[(i + 4) % compact.size()];
    const auto value = static_cast<std::uint32_t>(is_digit(c) ? c - '0' : c - 'A' + 10);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}

}  // namespace

bool is_card_number(std::string_view text) {
  std::array<int, 19> digits{};
  std::size_t count = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    if (!is_digit(c) || count == digits.size()) return false;
    digits[count++] = c - '0';
  }
  if (count < 13) return false;
  int sum = 0;
  for (std::size_t back = 0; back < count; ++back) {
    const int digit = digits[count - 1 - back];
    const int doubled = digit * 2;
    sum += back % 2 == 0 ? digit : (doubled > 9 ? doubled - 9 : doubled);
  }
  return sum != 0 && sum % 10 == 0;
}

std::size_t iban_length(std::string_view text) {
  const std::size_t length = length_for(text.substr(0, 2));
  if (length == 0) return 0;
  std::array<char, 34> compact{};
  std::size_t count = 0;
  std::size_t at = 0;
  for (; at < text.size() && count < length; ++at) {
    const char c = text[at];
    if (c == ' ' && at != 0 && text[at - 1] != ' ') continue;
    if (!is_digit(c) && !is_upper(c)) return 0;
    compact[count++] = c;
  }
  const bool ends = at == text.size() || !(is_digit(text[at]) || is_upper(text[at]));
  if (count != length || !ends || !is_digit(compact[2]) || !is_digit(compact[3])) return 0;
  return iban_remainder({compact.data(), count}) == 1 ? at : 0;
}

}  // namespace albicilla
