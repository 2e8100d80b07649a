// Rules that take secrets and personal data out of logged bodies; the traffic itself is never
// touched. A rule says where (a path), what (a pattern with a checksum) and what stands there
// instead. A policy is an immutable snapshot: built once, shared by threads. RE2 stays behind the
// .cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

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

// How many values each rule replaced.
using RedactionCounts = std::map<std::string, std::uint64_t, std::less<>>;

class RedactionPolicy {
 public:
  // `key` makes pseudonyms; needed only by rules that give them. The error names the rule.
  static Result<RedactionPolicy> make(std::vector<RedactionRule> rules, std::string key);

  ~RedactionPolicy();
  RedactionPolicy(RedactionPolicy&&) noexcept;
  RedactionPolicy& operator=(RedactionPolicy&&) noexcept;

  bool empty() const;

  // `json` is valid JSON text; `root` is its name in paths: "request" or "response". Bytes that no
  // rule touches stay as they are.
  std::string redact_json(std::string_view root, std::string_view json,
                          RedactionCounts& counts) const;
  // Plain UTF-8 text, by the rules without a path.
  std::string redact_text(std::string_view text, RedactionCounts& counts) const;

 private:
  struct State;
  explicit RedactionPolicy(std::unique_ptr<const State> state);

  std::unique_ptr<const State> state_;
};

}  // namespace albicilla
