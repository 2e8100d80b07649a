#include "common/dialect/response_facts.h"

#include <initializer_list>

#include "common/json/walk.h"

namespace albicilla {

namespace {

using Count = std::optional<std::uint64_t>;

// The first of these members that is a count.
Count count_member(std::string_view object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const Count count = json_count(json_member(object, name))) return count;
  }
  return std::nullopt;
}

Count sum(Count a, Count b) {
  if (!a && !b) return std::nullopt;
  return a.value_or(0) + b.value_or(0);
}

std::string_view details(std::string_view usage, std::string_view a, std::string_view b) {
  const std::string_view first = json_member(usage, a);
  return json_kind(first) == JsonKind::object ? first : json_member(usage, b);
}

}  // namespace

std::string text_member(std::string_view json, std::string_view name) {
  return json_text(json_member(json, name)).value_or(std::string());
}

Usage usage_of_response(std::string_view response_json) {
  std::string_view usage = json_member(response_json, "usage");
  if (json_kind(usage) != JsonKind::object) {
    usage = json_member(json_member(response_json, "x_groq"), "usage");
  }
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

}  // namespace albicilla
