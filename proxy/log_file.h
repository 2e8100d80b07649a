// Our own log in a file: what the supervisor and its children say on stderr goes through a pipe to
// one thread, which writes and rotates. So several processes share a file, and a line is never cut.
// When somebody else moves the file away (logrotate), it is opened anew.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"

namespace albicilla {

struct LogFilePolicy {
  std::string path;
  std::uint64_t most_bytes = 10U << 20;  // then it becomes path.1, that path.2 ...
  std::uint64_t backups = 5;             // of these are kept; 0: the file begins anew
};

class LogFile {
 public:
  // Takes over stderr. An error when the file cannot be written to.
  static Result<std::unique_ptr<LogFile>> start(LogFilePolicy policy);
  // Gives stderr back; writes what the pipe still holds.
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

 private:
  class Writer;
  explicit LogFile(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace albicilla
