// A file without a name that vanishes with the process: where memory is not enough.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

// The caller closes it.
Result<int> open_temporary_file(const std::filesystem::path& folder);
Status write_all(int fd, std::uint64_t offset, std::string_view bytes);
// Fills `into`; a file that is too short is an error.
Status read_all(int fd, std::uint64_t offset, std::span<char> into);

}  // namespace albicilla
