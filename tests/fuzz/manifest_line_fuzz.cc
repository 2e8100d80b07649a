// Property: a manifest line that is accepted is written again exactly as it came.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/chain/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(bytes), size);
  const auto parsed = albicilla::parse_manifest_line(line);
  if (!parsed) return 0;
  const auto* file = std::get_if<albicilla::ManifestFile>(&parsed->what);
  if (file != nullptr && albicilla::manifest_line(*file) != line) std::abort();
  return 0;
}
