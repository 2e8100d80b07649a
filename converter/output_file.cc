#include "converter/output_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

namespace albicilla {

namespace fs = std::filesystem;

OutputFile::OutputFile(fs::path path, std::FILE* file)
    : path_(std::move(path)), part_(path_.string() + ".part"), file_(file) {}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  file_.reset();
  std::error_code ignored;
  fs::remove(part_, ignored);
}

Result<OutputFile> OutputFile::create(const fs::path& path) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) return our_error(path.parent_path().string() + ": " + error.message());
  std::FILE* file = std::fopen((path.string() + ".part").c_str(), "wbe");
  if (file == nullptr) return errno_error("create " + path.string() + ".part", errno);
  return OutputFile(path, file);
}

Status OutputFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return {};
  return errno_error("write " + part_.string(), errno);
}

Status OutputFile::commit() {
  const bool flushed = std::fflush(file_.get()) == 0;
  if (!flushed) return errno_error("write " + part_.string(), errno);
  file_.reset();
  std::error_code error;
  fs::rename(part_, path_, error);
  if (error) return our_error("rename " + part_.string() + ": " + error.message());
  return {};
}

}  // namespace albicilla
