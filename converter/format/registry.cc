#include "converter/format/registry.h"

#include <array>

namespace albicilla {

std::span<const DatasetFormat* const> dataset_formats() {
  static const std::array kFormats = {
      &albicilla_format(),
      &openai_format(),
      &openai_dpo_format(),
      &trl_format(),
      &trl_prompt_completion_format(),
      &trl_preference_format(),
      &sharegpt_format(),
      &hermes_format(),
      &mistral_format(),
      &bedrock_format(),
      &gemini_format(),
      &anthropic_format(),
      &atif_format(),
      &sts_format(),
      &otel_format(),
      &parquet_format(),
  };
  return kFormats;
}

const DatasetFormat* find_format(std::string_view name) {
  for (const DatasetFormat* format : dataset_formats()) {
    if (format->name() == name) return format;
  }
  return nullptr;
}

}  // namespace albicilla
