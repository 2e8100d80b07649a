#include "common/redact/redaction_policy.h"

#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "common/base/digest.h"
#include "common/json/scan.h"
#include "common/json/walk.h"
#include "common/redact/checksum.h"
#include "common/redact/redact.h"
#include "common/redact/redaction_path.h"

namespace albicilla {

namespace {

using Checksum = RedactionRule::Checksum;
using Replacement = RedactionRule::Replacement;

constexpr std::size_t kPseudonymDigits = 10;

struct BuiltIn {
  std::string_view name;
  std::string_view pattern;
  Checksum checksum;
  Replacement replacement;
};
constexpr std::array<BuiltIn, 5> kBuiltIns = {{
    {"api_key",
     R"(\b(?:[sprg]k[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|)"
     R"(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}|)"
     R"(xox[abeprs]-[A-Za-z0-9-]{10,}|hf_[A-Za-z0-9]{30,})|)"
     R"(-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END [A-Z ]*PRIVATE KEY-----)",
     Checksum::none, Replacement::mark},
    {"token",
     R"(\b(?:eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)|(?i:bearer)\s+[A-Za-z0-9._~+/-]{16,}=*)",
     Checksum::none, Replacement::mark},
    {"email", R"([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})",
     Checksum::none, Replacement::pseudonym},
    {"card", R"(\b[0-9](?:[ -]?[0-9]){12,18}\b)", Checksum::card, Replacement::mark},
    {"iban", R"(\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30})", Checksum::iban, Replacement::mark},
}};

struct CompiledRule {
  RedactionRule rule;
  std::vector<PathStep> path;
  std::unique_ptr<RE2> pattern;  // null: the whole value
};

RE2::Options options() {
  RE2::Options result;
  result.set_log_errors(false);
  result.set_max_mem(std::int64_t{32} << 20);
  return result;
}

Result<CompiledRule> compile(RedactionRule rule, bool has_key) {
  const std::string where = "redaction rule '" + rule.name + "': ";
  if (rule.name.empty()) return client_error("redaction rule without a name");
  if (rule.path.empty() && rule.pattern.empty()) {
    return client_error(where + "expected a path or a pattern");
  }
  if (rule.replacement == Replacement::pseudonym && !has_key) {
    return client_error(where + "pseudonyms need a key");
  }
  auto path = parse_path(rule.path);
  if (!path) return client_error(where + "path: " + path.error().message);
  CompiledRule compiled{std::move(rule), std::move(*path), nullptr};
  if (compiled.rule.pattern.empty()) return compiled;
  compiled.pattern = std::make_unique<RE2>(compiled.rule.pattern, options());
  if (!compiled.pattern->ok()) {
    return client_error(where + "pattern: " + compiled.pattern->error());
  }
  return compiled;
}

}  // namespace

struct RedactionPolicy::State {
  std::vector<CompiledRule> rules;
  std::string key;
};

namespace {

// One walk over one value. Only what a rule replaces is written anew, the bytes between are copied.
class Walk {
 public:
  Walk(const std::vector<CompiledRule>& rules, std::string_view key, RedactionCounts& counts)
      : rules_(&rules), key_(key), counts_(&counts) {}

  struct Place {
    const CompiledRule* rule;
    PathProgress progress;
  };
  using Places = std::vector<Place>;

  std::string redact(std::string_view root, std::string_view json) {
    done_ = json.data();
    const std::size_t first = std::min(json.find_first_not_of(" \t\r\n"), json.size());
    const std::size_t last = json.find_last_not_of(" \t\r\n");
    value(json.substr(first, last + 1 - first), start(root));
    out_.append(done_, static_cast<std::size_t>(json.data() + json.size() - done_));
    return std::move(out_);
  }

  // By the rules without a path, and by those in `places` that have arrived. nullopt: unchanged.
  std::optional<std::string> text(std::string_view before, const Places& places) {
    std::optional<std::string> after;
    const auto apply = [&](const CompiledRule& rule) {
      auto changed = by_pattern(rule, after ? std::string_view(*after) : before);
      if (changed) after = std::move(changed);
    };
    for (const CompiledRule& rule : *rules_) {
      if (rule.path.empty()) apply(rule);
    }
    for (const Place& place : places) {
      if (place.progress.arrived() && place.rule->pattern != nullptr) apply(*place.rule);
    }
    return after;
  }

 private:
  Places start(std::string_view root) const {
    Places places;
    for (const CompiledRule& rule : *rules_) {
      if (rule.path.empty()) continue;
      PathProgress progress = PathProgress(rule.path).member(root);
      if (!progress.lost()) places.push_back({&rule, std::move(progress)});
    }
    return places;
  }

  template <class Step>
  static Places follow(const Places& places, Step step) {
    Places next;
    for (const Place& place : places) {
      PathProgress progress = step(place.progress);
      if (!progress.lost()) next.push_back({place.rule, std::move(progress)});
    }
    return next;
  }

  void value(std::string_view raw, const Places& places) {
    for (const Place& place : places) {
      if (place.progress.arrived() && place.rule->pattern == nullptr && raw != "null") {
        return replace(raw, replacement(*place.rule, raw));
      }
    }
    const JsonKind kind = json_kind(raw);
    if (kind == JsonKind::object) {
      object(raw, places);
    } else if (kind == JsonKind::array) {
      array(raw, places);
    } else if (kind == JsonKind::string || kind == JsonKind::number) {
      scalar(raw, places);
    }
  }

  void replace(std::string_view raw, std::string_view text) {
    out_.append(done_, static_cast<std::size_t>(raw.data() - done_));
    append_json_string(out_, text);
    done_ = raw.data() + raw.size();
  }

  void object(std::string_view raw, const Places& places) {
    JsonMember member;
    for (JsonMembers members(raw); members.next(member);) {
      const std::string_view quoted(member.key.data() - 1, member.key.size() + 2);
      scalar(quoted, {});
      const auto step = [&](const PathProgress& p) {
        return p.member(json_text(quoted).value_or(std::string()));
      };
      value(member.value, places.empty() ? Places() : follow(places, step));
    }
  }

  void array(std::string_view raw, const Places& places) {
    std::size_t index = 0;
    std::string_view element;
    for (JsonElements elements(raw); elements.next(element); ++index) {
      value(element, follow(places, [&](const PathProgress& p) { return p.element(index); }));
    }
  }

  // A number in which something was found becomes a string.
  void scalar(std::string_view raw, const Places& places) {
    const bool is_string = json_kind(raw) == JsonKind::string;
    const bool escaped = is_string && raw.find('\\') != std::string_view::npos;
    const std::string decoded = escaped ? json_text(raw).value_or(std::string()) : std::string();
    const std::string_view plain = escaped ? decoded : is_string ? json_inside(raw) : raw;
    if (const auto changed = text(plain, places)) replace(raw, *changed);
  }

  std::string replacement(const CompiledRule& rule, std::string_view text) {
    ++(*counts_)[rule.rule.name];
    if (rule.rule.replacement == Replacement::mark) return std::string(kRedacted);
    return "[" + rule.rule.name + "-" + hex_prefix(hmac_sha256(key_, text), kPseudonymDigits) + "]";
  }

  std::optional<std::string> by_pattern(const CompiledRule& rule, std::string_view text) {
    std::optional<std::string> result;
    std::size_t done = 0;
    std::size_t at = 0;
    std::array<re2::StringPiece, 2> groups;
    const re2::StringPiece whole(text.data(), text.size());
    const int wanted = rule.pattern->NumberOfCapturingGroups() > 0 ? 2 : 1;
    while (at <= text.size() &&
           rule.pattern->Match(whole, at, text.size(), RE2::UNANCHORED, groups.data(), wanted)) {
      const re2::StringPiece& match = wanted == 2 && groups[1].data() ? groups[1] : groups[0];
      const auto from = static_cast<std::size_t>(match.data() - text.data());
      const auto behind =
          static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
      const std::size_t size = checked_size(rule, text.substr(from, match.size()));
      if (size == 0) {  // nothing found, or not what it looks like: on from the next byte
        at = std::max(at, static_cast<std::size_t>(groups[0].data() - text.data())) + 1;
        continue;
      }
      if (!result) result.emplace();
      result->append(text.substr(done, from - done));
      result->append(replacement(rule, text.substr(from, size)));
      done = from + size;
      at = std::max(done, size == match.size() ? behind : done);
    }
    if (result) result->append(text.substr(done));
    return result;
  }

  // How much of the match is what the rule looks for; 0 when its checksum is wrong.
  static std::size_t checked_size(const CompiledRule& rule, std::string_view match) {
    if (rule.rule.checksum == Checksum::card) return is_card_number(match) ? match.size() : 0;
    if (rule.rule.checksum == Checksum::iban) return iban_length(match);
    return match.size();
  }

  const std::vector<CompiledRule>* rules_;
  std::string_view key_;
  RedactionCounts* counts_;
  std::string out_;
  const char* done_ = nullptr;  // up to here the value is in out_
};

}  // namespace

std::optional<RedactionRule> built_in_rule(std::string_view name) {
  for (const BuiltIn& rule : kBuiltIns) {
    if (rule.name != name) continue;
    return RedactionRule{
        std::string(rule.name), {}, std::string(rule.pattern), rule.checksum, rule.replacement};
  }
  return std::nullopt;
}

RedactionPolicy::RedactionPolicy(std::unique_ptr<const State> state) : state_(std::move(state)) {}
RedactionPolicy::~RedactionPolicy() = default;
RedactionPolicy::RedactionPolicy(RedactionPolicy&&) noexcept = default;
RedactionPolicy& RedactionPolicy::operator=(RedactionPolicy&&) noexcept = default;

Result<RedactionPolicy> RedactionPolicy::make(std::vector<RedactionRule> rules, std::string key) {
  auto state = std::make_unique<State>();
  for (RedactionRule& rule : rules) {
    auto compiled = compile(std::move(rule), !key.empty());
    if (!compiled) return compiled.error();
    state->rules.push_back(std::move(*compiled));
  }
  state->key = std::move(key);
  return RedactionPolicy(std::unique_ptr<const State>(std::move(state)));
}

bool RedactionPolicy::empty() const { return state_->rules.empty(); }

std::string RedactionPolicy::redact_json(std::string_view root, std::string_view json,
                                         RedactionCounts& counts) const {
  return Walk(state_->rules, state_->key, counts).redact(root, json);
}

std::string RedactionPolicy::redact_text(std::string_view text, RedactionCounts& counts) const {
  Walk walk(state_->rules, state_->key, counts);
  return walk.text(text, {}).value_or(std::string(text));
}

}  // namespace albicilla
