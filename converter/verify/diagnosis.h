// Says what was done to a file whose chain does not hold. A line that nobody touched still follows
// from its true predecessor, wherever the two stand now; what does not was changed or put in, and
// numbers that no line has are those of lines taken out. Memory: some 80 bytes a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/chain/hash_chain.h"
#include "common/chain/manifest.h"
#include "converter/reading/line_reader.h"
#include "converter/verify/log_fault.h"

namespace albicilla {

class Diagnosis {
 public:
  explicit Diagnosis(std::string name) : name_(std::move(name)) {}

  void take(const Line& line);
  void report(const std::optional<ManifestFile>& signed_state, const ReportFault& report);

 private:
  struct Entry {
    std::uint64_t line = 0;
    ChainHead head;        // as claimed; n is 0 when the line has no chain
    Digest digest{};       // of its chained part
    bool follows = false;  // from a line that is there
    bool copied = false;   // stands there twice, or was never this file's: it has no place
  };

  void link();
  void report_lines(const ReportFault& report);
  void report_order(const ReportFault& report);
  void report_numbers(const std::optional<ManifestFile>& signed_state, const ReportFault& report);
  bool neighbours_join(std::size_t at) const;
  bool has_successor(const Entry& entry) const;
  void say(const ReportFault& report, FaultKind kind, std::uint64_t line,
           const std::string& detail) const {
    report({kind, name_, line, detail});
  }

  std::string name_;
  std::vector<Entry> entries_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_number_;
  std::uint64_t faults_ = 0;
};

}  // namespace albicilla
