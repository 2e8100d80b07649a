// The sink's part of a line: `timestamp` and `session_id` in front of what the worker rendered, and
// the check that this may stand in a line at all. The chain is added behind by whoever knows the
// file's head. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/record/wire.h"
#include "sink/log/producer_table.h"

namespace albicilla {

// Why a worker's rendering cannot be spliced into a line; nullopt when it can. `piece` is all of a
// record's bytes: `"request":…,"response":…,"exchange":{…}`. What it says of itself must be what
// the header says: a rebuild believes the lines.
std::optional<std::string> piece_fault(const WireHeader& header, std::string_view piece);

// The line up to where its chain goes. `session_id` is the true id.
void append_line(std::string& line, const WireHeader& header, std::string_view session_id,
                 std::string_view piece);
// The same for a piece that has a fault: its bytes go in as base64, so that nothing is lost.
void append_unusable_line(std::string& line, const WireHeader& header, std::string_view session_id,
                          std::string_view piece, std::string_view fault);
// The line of a gap that a worker names: as it was rendered, without a session.
void append_named_gap_line(std::string& line, const WireHeader& header, std::string_view piece);
// Stands for a record that recovery found in a damaged spool although its line is there already.
void append_repeat_line(std::string& line, const WireHeader& header);
// A line that names Seqs which are lost for good.
void append_gap_line(std::string& line, WallTime at, const ProducerId& producer, const SeqGap& gap);

}  // namespace albicilla
