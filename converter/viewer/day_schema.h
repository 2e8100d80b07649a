// The database of one day: `<index dir>/2026-01-13.db`. A cache that can be made again from the log
// at any time, so it is never repaired: what is of another version, or may have been torn by a
// power cut, is removed and made anew.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "common/base/result.h"
#include "converter/viewer/database.h"

namespace albicilla::viewer {

inline constexpr int kSchemaVersion = 4;

// Of the table of words: how large a page is, and how many segments become one.
inline constexpr std::size_t kWordPageBytes = 8000;
inline constexpr std::size_t kMostWordSegments = 16;

// The orders of the list of sessions besides newest first, which is there from the start.
inline constexpr const char* kSessionOrders =
    "CREATE INDEX IF NOT EXISTS session_exchanges ON session(exchanges, name);"
    "CREATE INDEX IF NOT EXISTS session_tokens ON session(input_tokens+output_tokens, name);"
    "CREATE INDEX IF NOT EXISTS session_failed ON session(failed, name);"
    "CREATE INDEX IF NOT EXISTS session_duration ON session(duration_us, name);";

std::filesystem::path day_path(const std::filesystem::path& index_dir, const std::string& day);

// For the one writer. `boot` names this run of the machine: the database is written without syncs,
// so what another run left marked is not trusted.
Result<Database> open_day_for_writing(const std::filesystem::path& index_dir,
                                      const std::string& day, const std::string& boot);
// Before the first write; afterwards close_day brings everything to the disk and takes the mark
// off.
Status mark_writer(Database& database, const std::string& boot);
Status close_day(Database& database);

Result<Database> open_day_for_reading(const std::filesystem::path& index_dir,
                                      const std::string& day);

void remove_day(const std::filesystem::path& index_dir, const std::string& day);

// The kernel's id of this boot; a random one where there is none.
std::string boot_id();

}  // namespace albicilla::viewer
