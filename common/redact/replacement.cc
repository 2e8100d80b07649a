#include "common/redact/replacement.h"

#include "common/base/digest.h"
#include "common/redact/redact.h"

namespace albicilla {

namespace {
constexpr std::size_t kPseudonymDigits = 10;
}  // namespace

std::string Replacer::word(const CompiledRule& rule, std::string_view text) {
  ++(*counts_)[rule.name()];
  if (!rule.gives_pseudonyms()) return std::string(kRedacted);
  return "[" + rule.name() + "-" + hex_prefix(hmac_sha256(key_, text), kPseudonymDigits) + "]";
}

bool Replacer::replace(const CompiledRule& rule, std::string& text) {
  const auto found = rule.find(text);
  if (found.empty()) return false;
  std::string result;
  std::size_t done = 0;
  const std::string_view before = text;
  for (const CompiledRule::Found& one : found) {
    result.append(before.substr(done, one.at - done));
    result.append(word(rule, before.substr(one.at, one.size)));
    done = one.at + one.size;
  }
  result.append(before.substr(done));
  text = std::move(result);
  return true;
}

bool Replacer::replace_everywhere(std::string& text) {
  bool changed = false;
  for (const CompiledRule& rule : *rules_) {
    if (rule.everywhere()) changed = replace(rule, text) || changed;
  }
  return changed;
}

}  // namespace albicilla
