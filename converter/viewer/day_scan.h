// Reads what is new in some files of one day and hands it on in batches of bounded size.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "common/base/result.h"
#include "converter/viewer/batch.h"
#include "converter/viewer/line_scan.h"
#include "converter/viewer/log_tree.h"
#include "converter/viewer/tail_reader.h"

namespace albicilla::viewer {

// One thread.
class DayScan {
 public:
  // Takes a full batch; an error ends the scan.
  using Deliver = std::function<Status(Batch)>;

  DayScan(std::filesystem::path root, HashKey key) : root_(std::move(root)), lines_(key) {}

  void begin(const std::string& day, Deliver deliver);
  // From where `progress` stands to the end of what is there now. A file that cannot be read is
  // logged and left for the next time.
  Status scan_file(const LogFile& file, FileProgress progress);
  // Delivers what is left.
  Status finish();

  // After an index was thrown away: what was delivered before counts no more.
  void forget() { lines_.forget(); }

 private:
  Status take(const TailLine& line, FileProgress& file);
  Status flush(const FileProgress* unfinished);
  bool full() const;

  std::filesystem::path root_;
  LineScan lines_;
  TailReader reader_;
  Batch batch_;
  std::uint64_t text_bytes_ = 0;
  Deliver deliver_;
};

}  // namespace albicilla::viewer
