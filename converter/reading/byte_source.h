// Where a log's bytes come from: plain files, .zst and .gz. The libraries stay behind
// byte_source.cc.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "common/base/result.h"

namespace albicilla {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // How many bytes were put into `into`, at least one; 0 at the end. An error when the file breaks
  // off or is damaged: what came before it stands.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
};

// By the name's ending: ".zst" or ".gz".
bool is_packed(const std::filesystem::path& path);
// Anything that is not packed is plain.
Result<std::unique_ptr<ByteSource>> open_log(const std::filesystem::path& path);

}  // namespace albicilla
