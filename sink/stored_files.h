// What stores should hold, as it lies on the disk: the files of sealed days, and the layout files
// that end with their day, which grow until then. Thread safe.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "common/io/file.h"
#include "sink/log/layout_writer.h"
#include "sink/store/uploader.h"

namespace albicilla {

class StoredFiles final : public UploadSource {
 public:
  struct Layouts {
    std::vector<LayoutPlace> places;
    std::string sealed_until;  // at the start: files of days up to it grow no more
  };
  StoredFiles(FileSystem& files, std::string log_root, Layouts layouts)
      : files_(files), log_root_(std::move(log_root)), layouts_(std::move(layouts)) {}

  // Everything: sealed days, but for those that were let go, and what the layouts hold.
  Result<std::vector<UploadFile>> files() override;
  // The layouts' files of days that still get lines.
  Result<std::vector<UploadFile>> growing();
  // Those of one day of the log.
  Status list_day(const std::string& day, std::vector<UploadFile>& found);
  // One file of the log, relative to the log root.
  UploadFile log_file(const std::string& name) const;

  // Days up to this one are as they will stay.
  void note_ready(const std::string& until);
  std::string ready_until() const;

 private:
  enum class Which { all, growing };
  Status list_layout(const LayoutPlace& place, Which which, std::vector<UploadFile>& found);

  FileSystem& files_;
  const std::string log_root_;
  const Layouts layouts_;
  mutable std::mutex mutex_;
  std::string ready_until_;
};

// "gpt-4_20260113.jsonl" -> "2026-01-13"; empty when a name has no such end.
std::string day_of_layout_file(std::string_view name);

}  // namespace albicilla
