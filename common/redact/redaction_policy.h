// Rules that take secrets and personal data out of logged bodies; the traffic itself is never
// touched. A policy is an immutable snapshot: built once, shared by threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/redact/redaction_rule.h"

namespace albicilla {

// How many values each rule replaced, by its name.
using RedactionCounts = std::map<std::string, std::uint64_t, std::less<>>;

class RedactionPolicy {
 public:
  // `key` makes pseudonyms; needed only by rules that give them. The error names the rule.
  static Result<RedactionPolicy> make(std::vector<RedactionRule> rules, std::string key);

  ~RedactionPolicy();
  RedactionPolicy(RedactionPolicy&&) noexcept;
  RedactionPolicy& operator=(RedactionPolicy&&) noexcept;

  // `json` is valid JSON text; `root` is its name in paths: "request" or "response". Bytes that no
  // rule touches stay as they are; JSON inside a string is looked into.
  std::string redact_json(std::string_view root, std::string_view json,
                          RedactionCounts& counts) const;
  // Any other text, by the rules without a path.
  std::string redact_text(std::string_view text, RedactionCounts& counts) const;
  // Events or messages of one stream, in their order: what is cut into pieces by them is found by
  // the rules without a path, and stands replaced where it began. Strings at the same place of JSON
  // pieces are taken for one text, and pieces that are no JSON are.
  void redact_series(std::vector<std::string>& pieces, RedactionCounts& counts) const;
  // The lines of an event stream that nobody assembles: their data as a series, all else kept.
  std::string redact_events(std::string_view stream, RedactionCounts& counts) const;

 private:
  struct State;
  explicit RedactionPolicy(std::unique_ptr<const State> state);

  std::unique_ptr<const State> state_;
};

}  // namespace albicilla
