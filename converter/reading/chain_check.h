// Follows the hash chain of one log file from line to line.
#pragma once

#include <string>
#include <string_view>

#include "common/chain/hash_chain.h"
#include "converter/reading/line_reader.h"

namespace albicilla {

class ChainCheck {
 public:
  // `file_name` is relative to the log root, without ".zst" or ".gz".
  explicit ChainCheck(std::string_view file_name)
      : file_name_(file_name), head_(chain_start(file_name)) {}

  // False from the first line on that does not follow from those before it. A file without chains
  // is sound; one that has them in some lines only is not.
  // `known` is what the line's reader found out of its chain, or null.
  bool follow(std::string_view line, const ChainedDigests* known = nullptr);
  bool sound() const { return sound_; }

 private:
  std::string file_name_;
  ChainHead head_;
  bool sound_ = true;
  bool has_chain_ = false;
  bool first_ = true;
};

}  // namespace albicilla
