// Reads what is new in some files of one day and hands it on in batches of bounded size.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/batch.h"
#include "converter/viewer/hashed_lines.h"
#include "converter/viewer/line_scan.h"
#include "converter/viewer/log_tree.h"
#include "converter/viewer/tail_reader.h"

namespace albicilla::viewer {

// One thread.
class DayScan {
 public:
  // Takes a full batch; an error ends the scan.
  using Deliver = std::function<Status(Batch)>;

  DayScan(std::filesystem::path root, HashKey key);

  // Of a file that still grows about `most_bytes` are read; the rest is left, see unfinished().
  void begin(const std::string& day, std::uint64_t most_bytes, Deliver deliver);
  // From where `progress` stands to the end of what is there now, together with other files: it may
  // not be read before finish(). A file that cannot be read is logged and left for the next time.
  Status scan_file(const LogFile& file, FileProgress progress);
  // Delivers what is left.
  Status finish();
  // The files that the bound left something of, since begin().
  const std::vector<std::string>& unfinished() const { return unfinished_; }

  // After an index was thrown away: what was delivered before counts no more.
  void forget() { lines_.forget(); }

 private:
  // A file whose first lines are in hand.
  struct OpenFile {
    TailReader reader;
    FileProgress progress;
    std::uint64_t begun = 0;  // the offset that it was opened at
    std::size_t lines = 0;    // how many of gathered_ are its
    bool ended = false;
  };

  Status scan_open_files();
  Status scan_rest(OpenFile& file);
  bool read_lines(OpenFile& file, std::vector<TailLine>& lines);
  Status take_lines(std::span<const HashedLine> lines, FileProgress& file);
  Status take(const HashedLine& hashed, FileProgress& file);
  Status flush(const FileProgress* unfinished);
  bool full() const;

  std::filesystem::path root_;
  HashKey key_;
  std::uint64_t most_bytes_ = 0;
  LineScan lines_;
  std::vector<OpenFile> files_;  // the first open_ of them are in use; their buffers are kept
  std::size_t open_ = 0;
  std::vector<TailLine> gathered_;
  std::uint64_t gathered_bytes_ = 0;
  std::vector<std::string> unfinished_;
  Batch batch_;
  Deliver deliver_;
};

}  // namespace albicilla::viewer
