#include "common/io/free_room.h"

#include <sys/statvfs.h>

#include <cerrno>

namespace albicilla {

Result<FreeRoom> free_room(const std::string& path) {
  struct statvfs facts {};
  if (::statvfs(path.c_str(), &facts) != 0) return errno_error(path, errno);
  const auto share = [](auto free, auto all) {
    return all == 0 ? 1.0 : static_cast<double>(free) / static_cast<double>(all);
  };
  return FreeRoom{share(facts.f_bavail, facts.f_blocks), share(facts.f_favail, facts.f_files)};
}

}  // namespace albicilla
