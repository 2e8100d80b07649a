// A small log root of three days on the real disk, two of them sealed, made by the sink itself; and
// the things that somebody might do to it.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "converter/verify/log_check.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::tests {

class SealedLog {
 public:
  SealedLog();
  // The same log in another directory.
  SealedLog(const SealedLog& other);
  SealedLog& operator=(const SealedLog&) = delete;

  const std::string& root() const { return root_; }
  // Log files with at least `least_lines` lines, relative to the root.
  std::vector<std::string> files(std::size_t least_lines = 1) const;
  std::vector<std::string> lines(const std::string& file) const;
  void put(const std::string& file, const std::vector<std::string>& lines) const;
  std::string path(const std::string& file) const { return root_ + "/" + file; }
  // Newest checkpoint as a witness keeps it: "number hash".
  const std::string& witness() const { return witness_; }

 private:
  ScratchDirectory scratch_;
  std::string root_;
  std::string witness_;
};

// What somebody did, and what verify must say about it.
struct Mutation {
  std::string what;
  std::string file;
  std::vector<FaultKind> kinds;  // each of these for that file, and no other for another file
  bool needs_witness = false;
};
Mutation mutate(const SealedLog& log, std::mt19937_64& random);

struct Verification {
  std::vector<LogFault> faults;
  int exit_code = 0;
  std::uint64_t unsigned_lines = 0;
};
Verification verify_log(const SealedLog& log, bool with_witness = false);

}  // namespace albicilla::tests
