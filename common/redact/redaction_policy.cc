#include "common/redact/redaction_policy.h"

#include <algorithm>
#include <utility>

#include "common/json/scan.h"
#include "common/redact/redaction_series.h"
#include "common/redact/redaction_walk.h"
#include "common/redact/replacement.h"

namespace albicilla {

namespace {

constexpr std::string_view kData = "data:";

// A stream's lines: what stands between the data of its events, and the data.
struct EventLines {
  std::vector<std::string> between;  // one more than there are data
  std::vector<std::string> data;
};

EventLines split_events(std::string_view stream) {
  EventLines lines;
  std::string text;
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find_first_of("\r\n"), stream.size());
    const std::string_view line = stream.substr(0, end);
    const std::size_t behind = std::min(stream.find_first_not_of("\r\n", end), stream.size());
    if (line.starts_with(kData)) {
      const std::size_t prefix =
          kData.size() + (line.substr(kData.size()).starts_with(' ') ? 1 : 0);
      text.append(line.substr(0, prefix));
      lines.between.push_back(std::exchange(text, {}));
      lines.data.emplace_back(line.substr(prefix));
    } else {
      text.append(line);
    }
    text.append(stream.substr(end, behind - end));
    stream.remove_prefix(behind);
  }
  lines.between.push_back(std::move(text));
  return lines;
}

}  // namespace

struct RedactionPolicy::State {
  std::vector<CompiledRule> rules;
  std::string key;
};

RedactionPolicy::RedactionPolicy(std::unique_ptr<const State> state) : state_(std::move(state)) {}
RedactionPolicy::~RedactionPolicy() = default;
RedactionPolicy::RedactionPolicy(RedactionPolicy&&) noexcept = default;
RedactionPolicy& RedactionPolicy::operator=(RedactionPolicy&&) noexcept = default;

Result<RedactionPolicy> RedactionPolicy::make(std::vector<RedactionRule> rules, std::string key) {
  auto state = std::make_unique<State>();
  for (RedactionRule& rule : rules) {
    auto compiled = CompiledRule::compile(std::move(rule), !key.empty());
    if (!compiled) return compiled.error();
    state->rules.push_back(std::move(*compiled));
  }
  state->key = std::move(key);
  return RedactionPolicy(std::unique_ptr<const State>(std::move(state)));
}

std::string RedactionPolicy::redact_json(std::string_view root, std::string_view json,
                                         RedactionCounts& counts) const {
  Replacer replacer(state_->rules, state_->key, counts);
  return redact_value(replacer, root, json);
}

std::string RedactionPolicy::redact_text(std::string_view text, RedactionCounts& counts) const {
  Replacer replacer(state_->rules, state_->key, counts);
  std::string result(text);
  redact_nested(replacer, result, 1);
  return result;
}

void RedactionPolicy::redact_series(std::vector<std::string>& pieces,
                                    RedactionCounts& counts) const {
  Replacer replacer(state_->rules, state_->key, counts);
  redact_across(replacer, pieces);
  for (std::string& piece : pieces) {
    check_json(piece) ? void(piece = redact_value(replacer, "", piece))
                      : void(redact_nested(replacer, piece, 1));
  }
}

std::string RedactionPolicy::redact_events(std::string_view stream, RedactionCounts& counts) const {
  EventLines lines = split_events(stream);
  redact_series(lines.data, counts);
  std::string result;
  Replacer replacer(state_->rules, state_->key, counts);
  for (std::size_t i = 0; i < lines.between.size(); ++i) {
    replacer.replace_everywhere(lines.between[i]);
    result.append(lines.between[i]);
    if (i < lines.data.size()) result.append(lines.data[i]);
  }
  return result;
}

}  // namespace albicilla
