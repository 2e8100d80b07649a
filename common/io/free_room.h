// How much of a disk is left, for whoever watches it.
#pragma once

#include <string>

#include "common/base/result.h"

namespace albicilla {

// Of the file system below a path, 0 to 1; one without a fixed number of inodes has enough.
struct FreeRoom {
  double bytes = 1;
  double inodes = 1;
};

Result<FreeRoom> free_room(const std::string& path);

}  // namespace albicilla
