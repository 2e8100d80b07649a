// Keeps beside a log or spool what of it was synced (durable_shadow.h): the side that stands in the
// process whose calls are watched.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <string>
#include <vector>

namespace albicilla::fault {

// What was there when a sync began is what it makes durable.
struct Before {
  std::string path;
  std::string name;  // in the shadow; empty: nothing to keep
  std::string listing;
  off_t size = 0;
  timespec when{};
};

// Before the call that syncs it.
Before look_and_list(const std::string& path);
// The same of a directory and all below it.
void look_at_all(const std::string& path, std::vector<Before>& all);
// After the call has succeeded.
void keep(const Before& before);

}  // namespace albicilla::fault
