// Lines of a log file as it lies on the disk, plain or packed.
#pragma once

#include <filesystem>

#include "common/base/result.h"
#include "converter/reading/line_reader.h"

namespace albicilla {

// A packed file that is damaged is an error of the read that meets the damage.
Result<LineReader> open_lines(const std::filesystem::path& path);

}  // namespace albicilla
