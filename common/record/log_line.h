// The line on disk: how its parts are put together and how a reader finds them again without
// parsing what lies between. FORMAT.md has the layout; the chain's member is common/chain's.
// Pure, thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/json/scan.h"

namespace albicilla {

// A body nested deeper than this is logged as text, so that the line as a whole stays within
// kMostJsonDepth for every reader.
inline constexpr std::size_t kMostBodyDepth = kMostJsonDepth - 10;

// Appends the line up to where its chain goes:
//   {"timestamp":"…","session_id":"…",<middle>
// `middle` is a worker's rendering, `"request":…,"response":…,"exchange":{…}`.
void append_line_start(std::string& line, WallTime timestamp, std::string_view session_id,
                       std::string_view middle);

// May this stand in the middle of a line: valid JSON in UTF-8, no newline between its tokens, the
// three members in their order as a worker writes them and nothing else? Then the exchange object.
std::optional<std::string_view> exchange_of_middle(std::string_view middle);

// The same for a line of the log's gaps, whose middle is `"gap":{…}` alone:
//   {"timestamp":"…","gap":{…}
void append_gap_line_start(std::string& line, WallTime timestamp, std::string_view middle);
bool is_gap_middle(std::string_view middle);

// Views into a line, without its newline. Raw JSON text; empty when the member is absent (lines of
// predecessors have no exchange, open ends no chain).
struct LineView {
  std::string_view timestamp;  // between the quotes
  std::string_view session_id;
  std::string_view request;
  std::string_view response;
  std::string_view exchange;
  std::string_view chain;
};

// nullopt when the line is no JSON object. Walks the line, does not validate it.
std::optional<LineView> view_line(std::string_view line);

}  // namespace albicilla
