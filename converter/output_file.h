// A file that appears whole or not at all: written beside its place, then renamed.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

// Not thread safe. Without commit() nothing appears and what was written is removed.
class OutputFile {
 public:
  // Makes the folders that are missing.
  static Result<OutputFile> create(const std::filesystem::path& path);
  OutputFile(OutputFile&&) = default;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  Status write(std::string_view bytes);
  Status commit();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  OutputFile(std::filesystem::path path, std::FILE* file);

  std::filesystem::path path_;
  std::filesystem::path part_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace albicilla
