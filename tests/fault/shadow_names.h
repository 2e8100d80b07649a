// How the shim names inodes in the shadow, for it and for whoever reads the shadow.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

namespace albicilla::fault {

// Number and time of birth; empty when there is no such file.
inline std::string shadow_name(int directory, const char* path, int flags) {
  struct statx facts {};
  if (statx(directory, path, flags | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &facts) != 0) {
    return {};
  }
  return std::to_string(facts.stx_ino) + "." + std::to_string(facts.stx_btime.tv_sec) + "." +
         std::to_string(facts.stx_btime.tv_nsec);
}

}  // namespace albicilla::fault
