// What can be wrong with a log, one value for each thing found.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace albicilla {

enum class FaultKind {
  edit,           // a line or a statement is not what was written
  delete_,        // lines are gone from the middle of a file
  insert,         // a line that was never written there
  reorder,        // a line stands behind later ones
  truncate,       // the newest lines, or statements, are gone
  missing,        // a whole file, or a record that was acknowledged, is gone
  extra,          // a file that the sink never wrote
  bad_signature,  // a statement that its key did not sign, or whose key nobody vouches for
  gap,            // records that the sink itself says are lost
  duplicate,      // a record that stands in the log twice
};

std::string_view to_string(FaultKind kind);

struct LogFault {
  FaultKind kind = FaultKind::edit;
  std::string file;        // relative to the log root
  std::uint64_t line = 0;  // 0: the file as a whole
  std::string detail;
};

using ReportFault = std::function<void(const LogFault&)>;

}  // namespace albicilla
