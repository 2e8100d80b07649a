// What a run did, for people (text), programs (JSON) and spreadsheets (tool-usage.csv). No clock
// and nothing random: the same logs and options give the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/output_set.h"
#include "converter/rows.h"

namespace albicilla {

std::string report_json(const Tally& tally, const std::vector<OutputSet::Written>& files);
std::string report_text(const Tally& tally, const std::vector<OutputSet::Written>& files);
// date,scenario,session_count,tool_call_count,tool_definition_count,client_turns,assistant_turns,
// assistant_turns_with_tools
std::string tool_usage_csv(const Tally& tally);

}  // namespace albicilla
