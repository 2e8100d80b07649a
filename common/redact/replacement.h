// What stands where a secret stood, and how often that was. Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/redact/redaction_policy.h"

namespace albicilla {

// For one value or series. The references must outlive it.
class Replacer {
 public:
  Replacer(const std::vector<CompiledRule>& rules, std::string_view key, RedactionCounts& counts)
      : rules_(&rules), key_(key), counts_(&counts) {}

  const std::vector<CompiledRule>& rules() const { return *rules_; }
  // Counts.
  std::string word(const CompiledRule& rule, std::string_view text);
  // By the rule's pattern. False: nothing found, `text` is unchanged.
  bool replace(const CompiledRule& rule, std::string& text);
  // By all rules without a path.
  bool replace_everywhere(std::string& text);

 private:
  const std::vector<CompiledRule>* rules_;
  std::string_view key_;
  RedactionCounts* counts_;
};

}  // namespace albicilla
