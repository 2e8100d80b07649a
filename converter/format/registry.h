// The dataset formats, in the order in which --help lists them.
#pragma once

#include <span>
#include <string_view>

#include "converter/format/dataset_format.h"

namespace albicilla {

std::span<const DatasetFormat* const> dataset_formats();
// nullptr when there is none of that name.
const DatasetFormat* find_format(std::string_view name);

const DatasetFormat& albicilla_format();
const DatasetFormat& openai_format();
const DatasetFormat& openai_dpo_format();
const DatasetFormat& trl_format();
const DatasetFormat& trl_prompt_completion_format();
const DatasetFormat& trl_preference_format();
const DatasetFormat& sharegpt_format();
const DatasetFormat& hermes_format();
const DatasetFormat& mistral_format();
const DatasetFormat& bedrock_format();
const DatasetFormat& gemini_format();
const DatasetFormat& anthropic_format();
const DatasetFormat& atif_format();
const DatasetFormat& sts_format();
const DatasetFormat& otel_format();
const DatasetFormat& parquet_format();

}  // namespace albicilla
