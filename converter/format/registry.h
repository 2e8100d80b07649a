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
const DatasetFormat& mistral_format();

}  // namespace albicilla
