// Follows a file's hash chain line by line while the file is read, so that the state of every file
// is known without reading it twice. Pure.
#pragma once

#include <string_view>

#include "converter/viewer/batch.h"

namespace albicilla::viewer {

// `line` is line number `file.lines` of `file.name`, counted already. Marks the first break and
// goes on from what the line claims.
void check_chain(FileProgress& file, std::string_view line);

}  // namespace albicilla::viewer
