#include "common/translate/answer_words.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "common/base/crc32c.h"

namespace albicilla {

namespace {

constexpr std::string_view kMessagePrefix = "msg_";
constexpr std::string_view kCompletionPrefix = "chatcmpl-";

bool is_plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::string plain(std::string_view id) {
  std::string out(id);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !is_plain(c); }, '_');
  return out;
}

std::string renamed(std::string_view id, std::string_view from, std::string_view to,
                    std::string_view fallback) {
  if (id.empty()) id = fallback;
  if (id.starts_with(to)) return plain(id);
  if (id.starts_with(from)) id.remove_prefix(from.size());
  return std::string(to) + plain(id);
}

std::int64_t count(const Json& usage, std::string_view name) {
  return std::max<std::int64_t>(usage.at(name).integer().value_or(0), 0);
}

// OpenAI's own field, else the one that DeepSeek invented.
std::int64_t cached_tokens(const Json& usage) {
  const Json& details = usage.at("prompt_tokens_details");
  if (details.at("cached_tokens").is_number()) return count(details, "cached_tokens");
  return count(usage, "prompt_cache_hit_tokens");
}

}  // namespace

std::string_view anthropic_stop_reason(std::string_view finish_reason) {
  if (finish_reason == "length") return "max_tokens";
  if (finish_reason == "tool_calls" || finish_reason == "function_call") return "tool_use";
  if (finish_reason == "content_filter") return "refusal";
  return "end_turn";
}

std::string_view openai_finish_reason(std::string_view stop_reason) {
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded") {
    return "length";
  }
  if (stop_reason == "tool_use") return "tool_calls";
  if (stop_reason == "refusal") return "content_filter";
  return "stop";
}

std::string anthropic_message_id(std::string_view upstream_id, std::string_view fallback) {
  return renamed(upstream_id, kCompletionPrefix, kMessagePrefix, fallback);
}

std::string openai_completion_id(std::string_view upstream_id, std::string_view fallback) {
  return renamed(upstream_id, kMessagePrefix, kCompletionPrefix, fallback);
}

std::string anthropic_tool_id(std::string_view id) {
  if (!id.empty() && std::all_of(id.begin(), id.end(), is_plain)) return std::string(id);
  char suffix[16];
  std::snprintf(suffix, sizeof(suffix), "_%08x", crc32c(id));
  return plain(id) + suffix;
}

Json anthropic_usage(const Json& usage) {
  const std::int64_t cached = std::min(cached_tokens(usage), count(usage, "prompt_tokens"));
  Json out = Json::object({{"input_tokens", count(usage, "prompt_tokens") - cached},
                           {"cache_creation_input_tokens", 0},
                           {"cache_read_input_tokens", cached},
                           {"output_tokens", count(usage, "completion_tokens")}});
  const Json& details = usage.at("completion_tokens_details");
  if (details.at("reasoning_tokens").is_number()) {
    out.set("output_tokens_details",
            Json::object({{"thinking_tokens", count(details, "reasoning_tokens")}}));
  }
  return out;
}

Json openai_usage(const Json& usage) {
  const std::int64_t cached = count(usage, "cache_read_input_tokens");
  const std::int64_t prompt =
      count(usage, "input_tokens") + cached + count(usage, "cache_creation_input_tokens");
  const std::int64_t completion = count(usage, "output_tokens");
  Json out = Json::object({{"prompt_tokens", prompt},
                           {"completion_tokens", completion},
                           {"total_tokens", prompt + completion},
                           {"prompt_tokens_details", Json::object({{"cached_tokens", cached}})}});
  const Json& details = usage.at("output_tokens_details");
  if (details.at("thinking_tokens").is_number()) {
    out.set("completion_tokens_details",
            Json::object({{"reasoning_tokens", count(details, "thinking_tokens")}}));
  }
  return out;
}

}  // namespace albicilla
