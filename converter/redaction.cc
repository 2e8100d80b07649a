#include "converter/redaction.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "common/json/scan.h"

namespace albicilla {

namespace {

Result<RedactionRule> rule_of(const YAML::Node& node) {
  RedactionRule rule;
  if (node.IsMap()) {
    rule.name = node["name"].as<std::string>();
    rule.pattern = node["pattern"].as<std::string>();
  } else {
    const auto wanted = node.as<std::string>();
    auto known = built_in_rule(wanted);
    if (!known) {
      std::string listed;
      for (const std::string& name : built_in_rule_names()) {
        listed += (listed.empty() ? "" : ", ") + name;
      }
      return client_error("there is no rule '" + wanted + "' (" + listed + ")");
    }
    rule = *std::move(known);
  }
  rule.replacement = RedactionRule::Replacement::pseudonym;
  return rule;
}

// A file holds the key as the proxy makes it: the first line.
std::string key_of(const YAML::Node& root, const std::filesystem::path& folder) {
  std::string key;
  if (root["key_file"]) {
    std::ifstream file(folder / root["key_file"].as<std::string>());
    std::getline(file, key);
    while (key.ends_with('\r')) key.pop_back();
  } else if (root["key"]) {
    key = root["key"].as<std::string>();
  }
  return key;
}

}  // namespace

std::uint64_t Redaction::apply(std::string& json) const {
  RedactionCounts counts;
  std::string out;
  std::string_view rest = json;
  while (!rest.empty()) {  // a row may be several lines
    const std::string_view line = rest.substr(0, rest.find('\n'));
    out += check_json(line) ? policy_.redact_json("", line, counts)
                            : policy_.redact_text(line, counts);
    if (line.size() < rest.size()) out.push_back('\n');
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  std::uint64_t matches = 0;
  for (const auto& [name, count] : counts) matches += count;
  if (matches > 0) json = std::move(out);
  return matches;
}

Status Redaction::check(std::string_view text) const {
  RedactionCounts counts;
  policy_.redact_text(text, counts);
  if (counts.empty()) return {};
  return client_error("after redaction the rule '" + counts.begin()->first + "' still matches");
}

Result<std::shared_ptr<const Redaction>> Redaction::parse(const std::string& yaml,
                                                          const std::filesystem::path& folder) {
  std::string key;
  std::vector<RedactionRule> rules;
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (!root.IsMap()) return client_error("must be a map with 'key' and 'rules'");
    key = key_of(root, folder);
    if (key.empty()) return client_error("'key' or 'key_file' must give a secret");
    for (const YAML::Node& node : root["rules"]) {
      auto rule = rule_of(node);
      if (!rule) return rule.error();
      rules.push_back(*std::move(rule));
    }
  } catch (const YAML::Exception& error) {
    return client_error(error.what());
  }
  if (rules.empty()) return client_error("'rules' must name at least one rule");
  auto policy = RedactionPolicy::make(std::move(rules), std::move(key));
  if (!policy) return policy.error();
  return std::shared_ptr<const Redaction>(new Redaction(*std::move(policy)));
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
