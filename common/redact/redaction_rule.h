// One rule of a redaction policy: what it says, and what it finds in a text once it is compiled.
// RE2 stays behind the .cc. Pure, thread safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/redact/redaction_path.h"

namespace albicilla {

struct RedactionRule {
  enum class Checksum { none, card, iban };
  enum class Replacement {
    mark,       // "[REDACTED]"
    pseudonym,  // "[email-1f0c9a5b7d]": the same text gives the same word, only the key tells which
  };

  std::string name;  // a word: counted in the line's `redactions`, stands in pseudonyms
  // Where: "request.messages[*].content", "response.**.email"; `*` any member, `[*]` any element,
  // `[3]` one, `**` any depth. Empty: every string, also the names of members.
  std::string path;
  // What: an RE2 pattern; its first group when it has one, else the whole match. Empty: the whole
  // value, of whatever kind.
  std::string pattern;
  Checksum checksum = Checksum::none;
  Replacement replacement = Replacement::mark;
  bool operator==(const RedactionRule&) const = default;
};

// The rules that ship with us: api_key, token, email, card, iban. nullopt for another name.
std::optional<RedactionRule> built_in_rule(std::string_view name);
// Their names, in that order.
std::vector<std::string> built_in_rule_names();

class CompiledRule {
 public:
  // The error names the rule. `has_key`: pseudonyms can be made.
  static Result<CompiledRule> compile(RedactionRule rule, bool has_key);
  ~CompiledRule();
  CompiledRule(CompiledRule&&) noexcept;
  CompiledRule& operator=(CompiledRule&&) noexcept;

  const std::string& name() const { return rule_.name; }
  const std::vector<PathStep>& path() const { return path_; }
  bool everywhere() const { return path_.empty(); }
  bool whole_value() const { return pattern_ == nullptr; }
  bool gives_pseudonyms() const {
    return rule_.replacement == RedactionRule::Replacement::pseudonym;
  }

  struct Found {
    std::size_t at = 0;
    std::size_t size = 0;
  };
  // In order, without overlap, none of them empty. Only for a rule with a pattern.
  std::vector<Found> find(std::string_view text) const;

 private:
  struct Pattern;
  CompiledRule(RedactionRule rule, std::vector<PathStep> path, std::unique_ptr<Pattern> pattern);
  std::size_t checked_size(std::string_view text, Found match) const;

  RedactionRule rule_;
  std::vector<PathStep> path_;
  std::unique_ptr<Pattern> pattern_;
};

}  // namespace albicilla
