#include "common/dialect/response_facts.h"

#include <initializer_list>

#include "common/json/fields.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

using Count = std::optional<std::uint64_t>;

// The first of these members that is a count.
Count count_member(const JsonFields& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string_view value = object[name];
    if (value.empty()) continue;
    if (const Count count = json_count(value)) return count;
  }
  return std::nullopt;
}

Count sum(Count a, Count b) {
  if (!a && !b) return std::nullopt;
  return a.value_or(0) + b.value_or(0);
}

JsonFields details(const JsonFields& usage, std::string_view a, std::string_view b) {
  const std::string_view first = usage[a];
  return JsonFields(json_kind(first) == JsonKind::object ? first : usage[b]);
}

std::string text_of(std::string_view value) { return json_text(value).value_or(std::string()); }

std::string_view usage_object(const JsonFields& response) {
  const std::string_view usage = response["usage"];
  return json_kind(usage) == JsonKind::object ? usage : json_member(response["x_groq"], "usage");
}

Usage usage_of(const JsonFields& usage) {
  Usage result;
  result.input_tokens = count_member(usage, {"prompt_tokens", "input_tokens"});
  result.output_tokens = count_member(usage, {"completion_tokens", "output_tokens"});
  if (!result.input_tokens && !result.output_tokens) return result;
  result.source = Usage::Source::exact;

  const Count cache_read = count_member(usage, {"cache_read_input_tokens"});
  const Count cache_made = count_member(usage, {"cache_creation_input_tokens"});
  result.input_tokens = sum(result.input_tokens, sum(cache_read, cache_made));
  const auto input = details(usage, "prompt_tokens_details", "input_tokens_details");
  const auto output = details(usage, "completion_tokens_details", "output_tokens_details");
  result.cached_tokens = count_member(input, {"cached_tokens"});
  if (!result.cached_tokens) {
    result.cached_tokens =
        cache_read ? cache_read : count_member(usage, {"prompt_cache_hit_tokens", "cached_tokens"});
  }
  result.reasoning_tokens = count_member(output, {"reasoning_tokens", "thinking_tokens"});
  result.total_tokens = count_member(usage, {"total_tokens"});
  if (!result.total_tokens && result.input_tokens && result.output_tokens) {
    result.total_tokens = sum(result.input_tokens, result.output_tokens);
  }
  return result;
}

}  // namespace

ResponseFacts facts_of_response(std::string_view response_json) {
  const JsonFields response(response_json);
  const std::string_view usage = usage_object(response);
  ResponseFacts facts{text_of(response["id"]), text_of(response["model"]), {}, false};
  if (!usage.empty()) facts.usage = usage_of(JsonFields(usage));
  facts.stopped_early =
      response["stop_reason"] == "null" && json_inside(response["type"]) == "message";
  return facts;
}

}  // namespace albicilla
