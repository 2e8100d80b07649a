// Follows a file's hash chain line by line while the file is read, so that the state of every file
// is known without reading it twice. Pure.
#pragma once

#include "converter/viewer/batch.h"
#include "converter/viewer/hashed_lines.h"

namespace albicilla::viewer {

// `line` is line number `file.lines` of `file.name`, counted already. Marks the first break and
// goes on from what the line claims.
void check_chain(FileProgress& file, const HashedLine& line);

}  // namespace albicilla::viewer
