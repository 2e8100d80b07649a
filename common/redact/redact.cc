#include "common/redact/redact.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace albicilla {

namespace {

// Whole values are credentials. Names that end in one of kCredentialEndings need no entry.
constexpr std::array<std::string_view, 13> kCredentialHeaders = {"authorization",
                                                                 "proxy-authorization",
                                                                 "x-api-key",
                                                                 "api-key",
                                                                 "apikey",
                                                                 "x-goog-api-key",
                                                                 "cookie",
                                                                 "set-cookie",
                                                                 "authentication",
                                                                 "www-authenticate",
                                                                 "x-auth",
                                                                 "proxy-authenticate",

                                                                 "ocp-apim-subscription-key"};
constexpr std::array<std::string_view, 8> kCredentialEndings = {
    "-token",  "_token",    "-api-key",    "_api_key",
    "-secret", "-password", "-access-key", "-signature"};
// Their value starts with a scheme word that is worth keeping.
constexpr std::array<std::string_view, 4> kSchemeHeaders = {
    "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate"};
// Values that are or hold a URL.
constexpr std::array<std::string_view, 4> kUrlHeaders = {"referer", "location", "content-location",
                                                         "origin"};
constexpr std::array<std::string_view, 22> kSecretParameters = {"key",
                                                                "api_key",
                                                                "api-key",
                                                                "apikey",
                                                                "access_token",
                                                                "access-token",
                                                                "accesstoken",
                                                                "token",
                                                                "auth",
                                                                "authorization",
                                                                "auth_token",
                                                                "id_token",
                                                                "refresh_token",
                                                                "session_token",
                                                                "secret",
                                                                "client_secret",
                                                                "password",
                                                                "sig",
                                                                "signature",
                                                                "x-amz-signature",
                                                                "x-amz-security-token",
                                                                "x-goog-signature"};
// Vendors' API keys are known by their beginning wherever they stand.
constexpr std::array<std::string_view, 4> kKeyBeginnings = {"sk-", "sk_", "AIza", "gsk_"};
constexpr std::size_t kShortestKey = 20;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_key_char(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_';
}

// A bit for each length that a name of the list has: every field of every message is looked up.
template <std::size_t N>
constexpr std::uint64_t lengths_of(const std::array<std::string_view, N>& names) {
  std::uint64_t lengths = 0;
  for (const std::string_view name : names) lengths |= std::uint64_t{1} << name.size();
  return lengths;
}

template <const auto& names>
bool is_one_of(std::string_view name) {
  constexpr std::uint64_t kLengths = lengths_of(names);
  if (name.size() >= 64 || (kLengths >> name.size() & 1U) == 0) return false;
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return same_name(name, known); });
}

bool is_credential_header(std::string_view name) {
  if (name.empty()) return false;
  if (is_one_of<kCredentialHeaders>(name)) return true;
  const char last = lower(name.back());
  return std::any_of(kCredentialEndings.begin(), kCredentialEndings.end(),
                     [&](std::string_view ending) {
                       return name.size() > ending.size() && last == ending.back() &&
                              same_name(name.substr(name.size() - ending.size()), ending);
                     });
}

// "Bearer abc" -> "Bearer [REDACTED]"; a single word is taken for the secret itself.
std::string redact_value(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos || !is_one_of<kSchemeHeaders>(name)) {
    return std::string(kRedacted);
  }
  const std::string_view scheme = value.substr(0, space);
  if (scheme.size() > 16 || !std::all_of(scheme.begin(), scheme.end(), is_key_char)) {
    return std::string(kRedacted);
  }
  return std::string(scheme) + " " + std::string(kRedacted);
}

// Length of the API key that starts at `text`, 0 when none does.
std::size_t key_length(std::string_view text) {
  const bool begins =
      std::any_of(kKeyBeginnings.begin(), kKeyBeginnings.end(),
                  [&](std::string_view beginning) { return text.starts_with(beginning); });
  if (!begins) return 0;
  const auto end = std::find_if_not(text.begin(), text.end(), is_key_char);
  const auto length = static_cast<std::size_t>(end - text.begin());
  return length < kShortestKey ? 0 : length;
}

std::string redact_keys(std::string_view value) {
  if (value.size() < kShortestKey) return std::string(value);
  const bool plain = std::none_of(
      kKeyBeginnings.begin(), kKeyBeginnings.end(),
      [&](std::string_view beginning) { return value.find(beginning) != std::string_view::npos; });
  if (plain) return std::string(value);
  std::string result;
  for (std::size_t i = 0; i < value.size();) {
    const bool at_word = i == 0 || !is_key_char(value[i - 1]);
    const std::size_t length = at_word ? key_length(value.substr(i)) : 0;
    if (length == 0) {
      result.push_back(value[i++]);
    } else {
      result.append(kRedacted);
      i += length;
    }
  }
  return result;
}

std::string redact_url(std::string_view url) {
  std::string result;
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {  // user:password@host
    const std::size_t authority = scheme + 3;
    const std::string_view rest =
        url.substr(authority, url.find_first_of("/?#", authority) - authority);
    const std::size_t at = rest.rfind('@');
    if (at != std::string_view::npos) {
      result.append(url.substr(0, authority)).append(kRedacted);
      url.remove_prefix(authority + at);
    }
  }
  const std::size_t question = url.find('?');
  if (question == std::string_view::npos) return result.append(redact_keys(url));
  const std::size_t hash = std::min(url.find('#', question), url.size());
  result.append(redact_keys(url.substr(0, question + 1)));
  result.append(redact_query(url.substr(question + 1, hash - question - 1)));
  return result.append(redact_keys(url.substr(hash)));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// A parameter's name as servers read it: "%6Bey" is "key".
std::string decoded_name(std::string_view name) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool triplet = name[i] == '%' && i + 2 < name.size() && hex_value(name[i + 1]) >= 0 &&
                         hex_value(name[i + 2]) >= 0;
    if (triplet) {
      result.push_back(static_cast<char>(hex_value(name[i + 1]) * 16 + hex_value(name[i + 2])));
      i += 2;
    } else {
      result.push_back(name[i]);
    }
  }
  return result;
}

std::uint64_t count_marks(std::string_view text) {
  std::uint64_t count = 0;
  for (std::size_t at = text.find(kRedacted); at != std::string_view::npos;
       at = text.find(kRedacted, at + kRedacted.size())) {
    ++count;
  }
  return count;
}

}  // namespace

Headers redact_headers(const Headers& headers) {
  Headers result;
  result.reserve(headers.size());
  for (const Header& header : headers) {
    if (is_credential_header(header.name)) {
      result.push_back({header.name, redact_value(header.name, header.value)});
    } else if (is_one_of<kUrlHeaders>(header.name)) {
      result.push_back({header.name, redact_url(header.value)});
    } else {
      result.push_back({header.name, redact_keys(header.value)});
    }
  }
  return result;
}

std::string redact_query(std::string_view query) {
  std::string result;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    const bool secret = equals != std::string_view::npos && equals + 1 < pair.size() &&
                        is_one_of<kSecretParameters>(decoded_name(pair.substr(0, equals)));
    if (secret) {
      result.append(pair.substr(0, equals + 1)).append(kRedacted);
    } else {
      result.append(redact_keys(pair));
    }
    if (end < query.size()) result.push_back(query[end]);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return result;
}

std::uint64_t count_redacted(const Headers& redacted) {
  std::uint64_t count = 0;
  for (const Header& header : redacted) count += count_marks(header.value);
  return count;
}

std::uint64_t count_redacted(std::string_view redacted_query) {
  return count_marks(redacted_query);
}

}  // namespace albicilla
