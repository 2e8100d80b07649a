#include "common/redact/redaction_rule.h"

#include <algorithm>
#include <array>
#include <utility>

#include <re2/re2.h>

#include "common/redact/checksum.h"

namespace albicilla {

namespace {

using Checksum = RedactionRule::Checksum;
using Replacement = RedactionRule::Replacement;

constexpr std::int64_t kMostPatternMemory = std::int64_t{32} << 20;
// Counts of other kinds stand beside those of rules.
constexpr std::array<std::string_view, 3> kTakenNames = {"header", "query", "withheld"};

struct BuiltIn {
  std::string_view name;
  std::string_view pattern;
  Checksum checksum;
  Replacement replacement;
};
constexpr std::array<BuiltIn, 5> kBuiltIns = {{
    {"api_key",
     R"(\b(?:[sprg]k[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|)"
     R"(AIza[0-9A-Za-z_-]{35}|gsk_[A-Za-z0-9]{20,}|)"
     R"(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}|)"
     R"(xox[abeprs]-[A-Za-z0-9-]{10,}|hf_[A-Za-z0-9]{30,})|)"
     R"(-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END [A-Z ]*PRIVATE KEY-----)",
     Checksum::none, Replacement::mark},
    {"token",
     R"(\b(?:eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)|)"
     R"((?i:bearer)\s+[A-Za-z0-9._~+/-]{16,}=*)",
     Checksum::none, Replacement::mark},
    {"email", R"([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})",
     Checksum::none, Replacement::pseudonym},
    {"card", R"(\b[0-9](?:[ -]?[0-9]){12,18}\b)", Checksum::card, Replacement::mark},
    {"iban", R"(\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30})", Checksum::iban, Replacement::mark},
}};

RE2::Options options() {
  RE2::Options result;
  result.set_log_errors(false);
  result.set_max_mem(kMostPatternMemory);
  return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits behind the point of 0.4111111111111111: one in ten of them, as in embeddings and
// probabilities, would pass for a card.
bool is_fraction(std::string_view text, CompiledRule::Found match) {
  const std::string_view digits = text.substr(match.at, match.size);
  return match.at >= 2 && text[match.at - 1] == '.' && is_digit(text[match.at - 2]) &&
         std::all_of(digits.begin(), digits.end(), is_digit);
}

bool is_word(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

struct CompiledRule::Pattern {
  explicit Pattern(const std::string& text) : expression(text, options()) {}
  RE2 expression;
};

std::optional<RedactionRule> built_in_rule(std::string_view name) {
  for (const BuiltIn& rule : kBuiltIns) {
    if (rule.name != name) continue;
    return RedactionRule{
        std::string(rule.name), {}, std::string(rule.pattern), rule.checksum, rule.replacement};
  }
  return std::nullopt;
}

std::vector<std::string> built_in_rule_names() {
  std::vector<std::string> names;
  for (const BuiltIn& rule : kBuiltIns) names.emplace_back(rule.name);
  return names;
}

CompiledRule::CompiledRule(RedactionRule rule, std::vector<PathStep> path,
                           std::unique_ptr<Pattern> pattern)
    : rule_(std::move(rule)), path_(std::move(path)), pattern_(std::move(pattern)) {}
CompiledRule::~CompiledRule() = default;
CompiledRule::CompiledRule(CompiledRule&&) noexcept = default;
CompiledRule& CompiledRule::operator=(CompiledRule&&) noexcept = default;

Result<CompiledRule> CompiledRule::compile(RedactionRule rule, bool has_key) {
  const std::string where = "redaction rule '" + rule.name + "': ";
  if (!is_word(rule.name)) return client_error(where + "expected a name of letters and digits");
  if (std::find(kTakenNames.begin(), kTakenNames.end(), rule.name) != kTakenNames.end()) {
    return client_error(where + "this name is taken");
  }
  if (rule.path.empty() && rule.pattern.empty()) {
    return client_error(where + "expected a path or a pattern");
  }
  if (rule.replacement == Replacement::pseudonym && !has_key) {
    return client_error(where + "pseudonyms need a key");
  }
  auto path = parse_path(rule.path);
  if (!path) return client_error(where + "path: " + path.error().message);
  std::unique_ptr<Pattern> pattern;
  if (!rule.pattern.empty()) {
    pattern = std::make_unique<Pattern>(rule.pattern);
    if (!pattern->expression.ok()) {
      return client_error(where + "pattern: " + pattern->expression.error());
    }
  }
  return CompiledRule(std::move(rule), std::move(*path), std::move(pattern));
}

// How much of the match is what the rule looks for; 0 when its checksum is wrong.
std::size_t CompiledRule::checked_size(std::string_view text, Found found) const {
  const std::string_view match = text.substr(found.at, found.size);
  if (rule_.checksum == Checksum::card) {
    return is_card_number(match) && !is_fraction(text, found) ? match.size() : 0;
  }
  if (rule_.checksum == Checksum::iban) return iban_length(match);
  return match.size();
}

std::vector<CompiledRule::Found> CompiledRule::find(std::string_view text) const {
  std::vector<Found> found;
  const RE2& expression = pattern_->expression;
  const re2::StringPiece whole(text.data(), text.size());
  const int wanted = expression.NumberOfCapturingGroups() > 0 ? 2 : 1;
  std::array<re2::StringPiece, 2> groups;
  std::size_t at = 0;
  while (at <= text.size() &&
         expression.Match(whole, at, text.size(), RE2::UNANCHORED, groups.data(), wanted)) {
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    const bool grouped = wanted == 2 && groups[1].data() != nullptr;
    const re2::StringPiece& match = grouped ? groups[1] : groups[0];
    const auto from = static_cast<std::size_t>(match.data() - text.data());
    const std::size_t size = checked_size(text, {from, match.size()});
    if (size == 0) {  // nothing found, or not what it looks like: on from the next byte
      at = std::max(at, begin) + 1;
      continue;
    }
    found.push_back({from, size});
    at = size == match.size() ? std::max(begin + groups[0].size(), from + size) : from + size;
  }
  return found;
}

}  // namespace albicilla
