// manifest.json: which bytes went in, with which options, and which came out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/log_files.h"

namespace albicilla {

struct ManifestOutput {
  std::string name;  // below the output folder
  std::uint64_t rows = 0;
};

// Reads all inputs and outputs once more for their SHA-256.
Result<std::string> manifest_json(const std::vector<LogFile>& inputs, const std::string& options,
                                  const std::filesystem::path& output,
                                  const std::vector<ManifestOutput>& outputs);

}  // namespace albicilla
