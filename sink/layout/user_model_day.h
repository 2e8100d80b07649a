// `user_model_day`: a file for each user, model and day, as a predecessor kept its logs.
#pragma once

#include "sink/layout/layout.h"

namespace albicilla {

// `{user_id}_{model}_{YYYYMMDD}.jsonl`, without a user `{model}_{YYYYMMDD}.jsonl`.
std::string user_model_day_file(std::string_view user, std::string_view model,
                                std::string_view day);
void derive_user_model_day(const LayoutLine& line, const LayoutLimits& limits,
                           std::vector<DerivedLine>& out);

}  // namespace albicilla
