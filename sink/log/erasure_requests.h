// What is to be erased and what has been: one small file a request in `<log root>/.sink/erasures`,
// written by whoever may write there, worked on by the running sink. A request that is done keeps
// its counts and not its id.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/eraser.h"

namespace albicilla {

struct ErasureRequest {
  std::string name;  // of its file, without ending
  ErasureTarget target;
  std::string asked_at;     // ISO 8601
  std::string until;        // the last day that it is about
  std::string done_until;   // every day up to this one holds nothing of it any more; empty: none
  std::uint64_t lines = 0;  // erased so far
  std::uint64_t files = 0;
};

class ErasureRequests {
 public:
  ErasureRequests(FileSystem& files, const std::string& log_root);

  // Its name. About lines of days up to `until`. The sink need not run.
  Result<std::string> ask(const ErasureTarget& target, const std::string& until, WallTime now);
  // Those that wait, oldest first. One that cannot be read is an error that names it.
  Result<std::vector<ErasureRequest>> waiting();
  Status save(const ErasureRequest& request);
  Status close(const ErasureRequest& request, WallTime now);
  // What close() wrote; empty while it waits. And how far one is that waits.
  Result<std::string> outcome(const std::string& name);
  Result<std::string> progress(const std::string& name);

 private:
  std::string path(const std::string& name, std::string_view ending) const;

  FileSystem& files_;
  std::string directory_;
};

}  // namespace albicilla
