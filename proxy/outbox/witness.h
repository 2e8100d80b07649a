// The newest checkpoints that each sink has signed, as they came with its watermarks: kept beside
// the spool, on another disk than the log, they show that a log was cut short or made anew
// (albicilla-verify --anchor). Sender thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "common/io/file.h"
#include "common/record/wire.h"

namespace albicilla {

class Witness {
 public:
  // `files` must outlive the witness.
  Witness(FileSystem& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}

  // Remembers a checkpoint that is newer than all of that sink before. Whatever fails is said once
  // and costs a witness, nothing else.
  void note(const SinkId& sink, const SeenCheckpoint& checkpoint);

  // "<slot>/witness-<sink id>": lines of "number hash", the oldest overwritten first.
  std::string path_of(const SinkId& sink) const;

 private:
  struct Book {
    std::unique_ptr<RandomFile> file;
    std::uint64_t newest = 0;
    std::uint64_t next_row = 0;
  };

  Result<Book> open(const SinkId& sink) const;

  FileSystem& files_;
  const std::string directory_;
  std::map<SinkId, Book> books_;
  bool said_failure_ = false;
};

}  // namespace albicilla
