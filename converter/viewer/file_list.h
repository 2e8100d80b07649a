// The state of every log file as the index saw it: how many lines, is the chain whole, what could
// not be read. Faults first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/json/writer.h"
#include "converter/viewer/batch.h"
#include "converter/viewer/day_pool.h"
#include "converter/viewer/signed_log.h"

namespace albicilla::viewer {

struct FileTotals {
  std::string day;
  std::int64_t files = 0;
  std::int64_t lines = 0;
  std::int64_t bytes = 0;
  std::int64_t sealed = 0;
  std::int64_t sound = 0;
  std::int64_t broken = 0;
  std::int64_t unchained = 0;
  std::int64_t unreadable_lines = 0;
  std::int64_t gaps = 0;
  std::int64_t erased = 0;       // lines of which a tombstone is left
  std::int64_t quarantined = 0;  // lines that the sink set aside
};

// Records that a producer made and that no file holds, named by the sink.
struct GapRow {
  std::string file;
  std::int64_t line = 0;
  std::int64_t at = 0;
  SeqGap gap;
};

// What was signed of a file, and how the file fits it.
struct FileSignature {
  SignedState state = SignedState::none;
  std::uint64_t lines = 0;
};

// As the index saw the file; a file that is still being indexed is no shorter one.
FileSignature signature_of(const std::filesystem::path& root, const FileProgress& file,
                           const DayManifest& manifest);

// Adds to the day's faults what the index does not find as it was signed: files that are gone, were
// never written by the sink, or hold other lines.
Status add_misfits(DayPool& pool, const std::filesystem::path& root, const DayManifest& manifest,
                   SignedDay& day);

// Newest day first.
Result<std::vector<FileTotals>> count_files(DayPool& pool);

// The day's files behind `after`, faulty ones first; `only_faults` leaves the others out.
Result<std::vector<FileProgress>> list_files(DayPool& pool, const std::string& day,
                                             std::size_t skip, std::size_t most, bool only_faults);

// At most a thousand of the day's gaps.
Result<std::vector<GapRow>> list_gaps(DayPool& pool, const std::string& day);

void write_gap(JsonWriter& json, const GapRow& gap);
void write_totals(JsonWriter& json, const FileTotals& totals);
void write_file(JsonWriter& json, const FileProgress& file);
// The same with how it fits what was signed of it.
void write_file(JsonWriter& json, const FileProgress& file, const FileSignature& signature);

// Reads a whole file again, as it is now, and follows its chain; for whoever doubts. The lines that
// were signed are held against their signature.
struct VerifiedFile {
  FileProgress file;
  FileSignature signature;
};
Result<VerifiedFile> verify_file(const std::filesystem::path& root, const std::string& name,
                                 const ManifestFile* signed_state);

}  // namespace albicilla::viewer
