// Reads single entries of a generation where its index says that they stand.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/io/entry.h"
#include "common/io/file.h"
#include "proxy/outbox/generation.h"

namespace albicilla {

// From memory while they are recent. One thread.
class EntryReader {
 public:
  EntryReader(FileSystem& files, Generation& generation) : files_(files), generation_(generation) {}

  // The view lives until the next call.
  Result<EntryView> read(const EntryPlace& place);
  // Closes the file that stands open: a deleted segment takes room as long as somebody has it open.
  void release() {
    file_.reset();
    recent_ = {};
  }

 private:
  Result<std::string_view> frame(const EntryPlace& place);

  FileSystem& files_;
  Generation& generation_;
  RecentBatches::Found recent_;
  std::unique_ptr<RandomFile> file_;
  std::uint32_t file_segment_ = 0;
  std::string buffer_;
};

}  // namespace albicilla
