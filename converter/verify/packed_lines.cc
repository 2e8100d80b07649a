#include "converter/verify/packed_lines.h"

#include <utility>

#include "converter/reading/byte_source.h"

namespace albicilla {

Result<LineReader> open_lines(const std::filesystem::path& path) {
  auto source = open_log(path);
  if (!source) return source.error();
  return LineReader(std::move(*source), Digests::of_chains);
}

}  // namespace albicilla
