// The folder of the databases: one viewer's at a time, with the key of its message hashes.
#pragma once

#include <filesystem>

#include "common/base/result.h"
#include "common/io/file.h"
#include "converter/viewer/keyed_hash.h"

namespace albicilla::viewer {

// Held as long as the file is open; an error when another viewer has it.
Result<Fd> lock_index(const std::filesystem::path& index_dir);

// Made once, kept beside the databases.
Result<HashKey> load_index_key(const std::filesystem::path& index_dir);

}  // namespace albicilla::viewer
