// What a store has confirmed, so that a restart does not ask it about every sealed file again and
// retention knows what may go. A text file, one line for each fact, appended and synced before
// anybody is told; format in FORMAT.md. Losing it costs only time: putting a file again is
// answered `already_there`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

struct UploadedFile {
  std::uint64_t size = 0;  // bytes that the store holds
  std::string sha256;      // hex, of a file that was put whole; empty for one that was appended to
  bool operator==(const UploadedFile&) const = default;
};

// Thread safe.
class UploadLedger {
 public:
  // `files` must outlive the ledger. Makes the file, and what is above it, when there is none.
  static Result<std::unique_ptr<UploadLedger>> open(FileSystem& files, const std::string& path);

  // Durable when it returns.
  Status confirm(const std::string& name, const UploadedFile& uploaded);
  std::optional<UploadedFile> find(const std::string& name) const;
  std::size_t size() const;
  // Writes the file anew without the names that `keep` does not hold.
  template <class Names>
  Status compact(const Names& keep) {
    const std::lock_guard lock(mutex_);
    std::erase_if(uploaded_, [&](const auto& one) { return !keep.contains(one.first); });
    return rewrite();
  }

 private:
  UploadLedger(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  Status load();
  Status rewrite();
  Status reopen();

  FileSystem& files_;
  std::string path_;
  mutable std::mutex mutex_;
  std::map<std::string, UploadedFile, std::less<>> uploaded_;
  std::unique_ptr<AppendFile> file_;
};

}  // namespace albicilla
