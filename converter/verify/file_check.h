// Follows the chain of one log file and compares it with what the manifest says of it. A sound file
// is read once in constant memory; one that is not is read again to say what was done to it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/chain/hash_chain.h"
#include "common/chain/manifest.h"
#include "converter/reading/line_reader.h"
#include "converter/verify/log_fault.h"

namespace albicilla {

struct FileToCheck {
  std::string name;  // relative to the log root, without ".zst"
  // From the start; called again when the file is not sound.
  std::function<Result<LineReader>()> open;
  std::optional<ManifestFile> signed_state;  // nothing: no checkpoint speaks of it
};

struct FileFacts {
  std::uint64_t lines = 0;
  std::uint64_t unsigned_lines = 0;  // sound, but written after the last checkpoint
  bool sound = true;
};

using VisitLine = std::function<void(const Line&)>;

// `visit` sees every line once. An error is one of reading, not of the log.
Result<FileFacts> check_file(const FileToCheck& file, const VisitLine& visit,
                             const ReportFault& report);

}  // namespace albicilla
