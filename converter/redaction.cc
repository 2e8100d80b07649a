#include "converter/redaction.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include "common/base/digest.h"
#include "common/json/scan.h"
#include "converter/reading/json_text.h"

namespace albicilla {

namespace {

constexpr int kMostNested = 4;  // JSON inside a string inside JSON ...
constexpr std::size_t kPseudonymDigits = 10;

bool always(std::string_view) { return true; }

std::string digits_of(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

// Luhn's checksum, which payment cards carry.
bool is_card(std::string_view text) {
  const std::string digits = digits_of(text);
  if (digits.size() < 13 || digits.size() > 19) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

// ISO 7064 over the text with its first four letters moved to the end.
bool is_iban(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    if (c != ' ') letters.push_back(c);
  }
  if (letters.size() < 15 || letters.size() > 34) return false;
  std::rotate(letters.begin(), letters.begin() + 4, letters.end());
  unsigned rest = 0;
  for (const char c : letters) {
    const unsigned value =
        c >= '0' && c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A') + 10;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest == 1;
}

struct BuiltIn {
  std::string_view name;
  std::string_view pattern;
  bool (*holds)(std::string_view);
};

constexpr BuiltIn kBuiltIns[] = {
    {"email", R"([A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,})", always},
    {"card", R"(\b\d(?:[ \-]?\d){12,18}\b)", is_card},
    {"iban", R"(\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b)", is_iban},
    {"api_key",
     R"(\b(?:sk|pk|rk)-[A-Za-z0-9_\-]{16,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bAKIA[0-9A-Z]{16}\b|)"
     R"(\bxox[abprs]-[A-Za-z0-9\-]{10,}|\bAIza[0-9A-Za-z_\-]{35}\b|)"
     R"(\beyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]*)",
     always}};

}  // namespace

struct Redaction::Rule {
  std::string name;
  std::unique_ptr<RE2> pattern;
  bool (*holds)(std::string_view) = always;
};

struct Redaction::Rules {
  std::string key;
  std::vector<Rule> rules;

  std::string pseudonym(const Rule& rule, std::string_view match) const {
    std::string said = rule.name;
    said.push_back('\0');
    said += match;
    return "[" + rule.name + "-" + hex_prefix(hmac_sha256(key, said), kPseudonymDigits) + "]";
  }

  // Calls `found(rule, match)` for each match; returns the text with what it gave back.
  template <class Found>
  std::string replace(std::string text, const Found& found) const {
    for (const Rule& rule : rules) {
      std::string out;
      re2::StringPiece whole(text);
      std::size_t at = 0;
      re2::StringPiece match;
      while (at <= text.size() &&
             rule.pattern->Match(whole, at, text.size(), RE2::UNANCHORED, &match, 1)) {
        const auto from = static_cast<std::size_t>(match.data() - text.data());
        const std::string_view said(match.data(), match.size());
        out.append(text, at, from - at);
        at = from + match.size();
        if (said.empty()) {
          if (at < text.size()) out.push_back(text[at]);
          ++at;
        } else if (rule.holds(said)) {
          out += found(rule, said);
        } else {
          out += said;
        }
      }
      if (at < text.size()) out.append(text, at, std::string::npos);
      text = std::move(out);
    }
    return text;
  }

  std::string text(const std::string& plain, int level, std::uint64_t& matches) const;
  void value(JsonCursor& cursor, std::string& out, int level, std::uint64_t& matches) const;
  void container(JsonCursor& cursor, std::string& out, int level, std::uint64_t& matches) const;
};

// What stands in a string: JSON of its own, or words.
std::string Redaction::Rules::text(const std::string& plain, int level,
                                   std::uint64_t& matches) const {
  const bool may_be_json = plain.starts_with('{') || plain.starts_with('[');
  if (may_be_json && level < kMostNested) {
    JsonCursor check(plain);
    if (check.skip() && check.at_end()) {
      const std::uint64_t before = matches;
      std::string out;
      JsonCursor cursor(plain);
      value(cursor, out, level + 1, matches);
      return matches == before ? plain : out;
    }
  }
  return replace(plain, [&](const Rule& rule, std::string_view match) {
    ++matches;
    return pseudonym(rule, match);
  });
}

void Redaction::Rules::container(JsonCursor& cursor, std::string& out, int level,
                                 std::uint64_t& matches) const {
  bool first = true;
  if (cursor.kind() == JsonKind::object) {
    RawString name;
    out.push_back('{');
    cursor.begin_object();
    while (cursor.next_member(name)) {
      if (!std::exchange(first, false)) out.push_back(',');
      out.push_back('"');
      out += name.body;
      out += "\":";
      value(cursor, out, level, matches);
    }
    out.push_back('}');
    return;
  }
  out.push_back('[');
  cursor.begin_array();
  while (cursor.next_element()) {
    if (!std::exchange(first, false)) out.push_back(',');
    value(cursor, out, level, matches);
  }
  out.push_back(']');
}

void Redaction::Rules::value(JsonCursor& cursor, std::string& out, int level,
                             std::uint64_t& matches) const {
  const JsonKind kind = cursor.kind();
  if (kind == JsonKind::object || kind == JsonKind::array) {
    return container(cursor, out, level, matches);
  }
  std::string_view raw;
  if (kind != JsonKind::string) {
    cursor.skip(raw);
    out += raw;
    return;
  }
  RawString said;
  if (!cursor.string(said)) return;
  TextRepairs repairs;
  std::string plain;
  append_text(plain, said, repairs);
  const std::uint64_t before = matches;
  const std::string redacted = text(plain, level, matches);
  out.push_back('"');
  if (matches == before) {
    out += said.body;
  } else {
    append_escaped(out, redacted);
  }
  out.push_back('"');
}

Redaction::Redaction(std::unique_ptr<Rules> rules) : rules_(std::move(rules)) {}
Redaction::~Redaction() = default;

std::uint64_t Redaction::apply(std::string& json) const {
  std::uint64_t matches = 0;
  std::string out;
  std::string_view rest = json;
  while (!rest.empty()) {  // a row may be several lines
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    JsonCursor cursor(rest.substr(0, end));
    rules_->value(cursor, out, 0, matches);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!rest.empty()) out.push_back('\n');
  }
  if (matches > 0) json = std::move(out);
  return matches;
}

Status Redaction::check(std::string_view text) const {
  std::string name;
  rules_->replace(std::string(text), [&name](const Rule& rule, std::string_view match) {
    name = rule.name;
    return std::string(match);
  });
  if (name.empty()) return {};
  return client_error("after redaction the rule '" + name + "' still matches");
}

Result<std::shared_ptr<const Redaction>> Redaction::parse(const std::string& yaml,
                                                          const std::filesystem::path& folder) {
  auto rules = std::make_unique<Rules>();
  const auto add = [&rules](const std::string& name, const std::string& pattern,
                            bool (*holds)(std::string_view)) -> Status {
    RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_unique<RE2>(pattern, options);
    if (!compiled->ok()) return client_error("rule '" + name + "': " + compiled->error());
    rules->rules.push_back({name, std::move(compiled), holds});
    return {};
  };
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (!root.IsMap()) return client_error("must be a map with 'key' and 'rules'");
    if (root["key_file"]) {
      std::ifstream file(folder / root["key_file"].as<std::string>());
      std::getline(file, rules->key);
    } else if (root["key"]) {
      rules->key = root["key"].as<std::string>();
    }
    if (rules->key.empty()) return client_error("'key' or 'key_file' must give a secret");
    for (const YAML::Node& node : root["rules"]) {
      if (node.IsMap()) {
        auto status =
            add(node["name"].as<std::string>(), node["pattern"].as<std::string>(), always);
        if (!status) return status.error();
        continue;
      }
      const auto wanted = node.as<std::string>();
      const auto* const known =
          std::find_if(std::begin(kBuiltIns), std::end(kBuiltIns),
                       [&wanted](const BuiltIn& rule) { return rule.name == wanted; });
      if (known == std::end(kBuiltIns)) {
        return client_error("there is no rule '" + wanted + "' (email, card, iban, api_key)");
      }
      auto status = add(wanted, std::string(known->pattern), known->holds);
      if (!status) return status.error();
    }
  } catch (const YAML::Exception& error) {
    return client_error(error.what());
  }
  if (rules->rules.empty()) return client_error("'rules' must name at least one rule");
  return std::shared_ptr<const Redaction>(new Redaction(std::move(rules)));
}

Result<std::shared_ptr<const Redaction>> Redaction::load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return client_error(path.string() + ": cannot be read");
  const std::string yaml((std::istreambuf_iterator<char>(file)), {});
  auto made = parse(yaml, path.parent_path());
  if (!made) return client_error(path.string() + ": " + made.error().message);
  return made;
}

}  // namespace albicilla
