// Reads a source on a thread of its own, some pieces ahead: unpacking goes on while the lines that
// came before are worked on.
#pragma once

#include <memory>

#include "converter/reading/byte_source.h"

namespace albicilla {

// Gives the same bytes and errors as `source`.
std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source);

// There is a second processor for it.
bool has_spare_processor();

}  // namespace albicilla
