// Rules of redaction as the flag and the YAML file name them.
#include <algorithm>
#include <array>

#include "common/base/nearest.h"
#include "proxy/config/config.h"

namespace albicilla {

namespace {

using Checksum = RedactionRule::Checksum;
using Replacement = RedactionRule::Replacement;

const std::array<std::string, 5> kRuleKeys = {"name", "path", "pattern", "checksum", "replace"};

Result<RedactionRule> named_rule(const std::string& name, bool has_key) {
  auto rule = built_in_rule(name);
  if (!rule) {
    const std::vector<std::string> known = built_in_rule_names();
    std::string listed;
    for (const std::string& one : known) listed += (listed.empty() ? "" : ", ") + one;
    return client_error("redaction: a rule must be one of " + listed + ", got '" + name + "'" +
                        did_you_mean(name, known));
  }
  if (!has_key) rule->replacement = Replacement::mark;
  return *std::move(rule);
}

Status take_word(RedactionRule& rule, const std::string& key, const std::string& word) {
  if (key == "name") {
    rule.name = word;
  } else if (key == "path") {
    rule.path = word;
  } else if (key == "pattern") {
    rule.pattern = word;
  } else if (key == "checksum" && (word == "card" || word == "iban")) {
    rule.checksum = word == "card" ? Checksum::card : Checksum::iban;
  } else if (key == "replace" && (word == "mark" || word == "pseudonym")) {
    rule.replacement = word == "mark" ? Replacement::mark : Replacement::pseudonym;
  } else if (key == "checksum" || key == "replace") {
    return client_error("redaction: " + key + " must be " +
                        (key == "checksum" ? "card or iban" : "mark or pseudonym") + ", got '" +
                        word + "'");
  } else {
    return client_error("redaction: unknown key '" + key + "'" + did_you_mean(key, kRuleKeys));
  }
  return {};
}

Result<RedactionRule> own_rule(const Json& members) {
  RedactionRule rule;
  for (const auto& [key, value] : members.members()) {
    if (!value.is_string()) return client_error("redaction: " + key + " must be a string");
    if (const Status taken = take_word(rule, key, std::string(value.text())); !taken) {
      return taken.error();
    }
  }
  return rule;
}

}  // namespace

Result<RedactionConfig> build_redaction(const Json& settings) {
  RedactionConfig redaction;
  redaction.key_file = settings.at("redact-key-file").text();
  const bool has_key = !redaction.key_file.empty();
  std::vector<Json> asked;
  for (const Json& name : settings.at("redact").elements()) asked.push_back(name);
  for (const Json& rule : settings.at("redaction").elements()) asked.push_back(rule);
  for (const Json& one : asked) {
    auto rule = one.is_object() ? own_rule(one) : named_rule(std::string(one.text()), has_key);
    if (!rule) return rule.error();
    redaction.rules.push_back(*std::move(rule));
  }
  return redaction;
}

}  // namespace albicilla
