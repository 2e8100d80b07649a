#include "proxy/descriptor_table.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace albicilla {

std::size_t prepare_descriptors(int any, std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto most = static_cast<std::size_t>(limit.rlim_cur);
  const int highest = ::fcntl(any, F_DUPFD_CLOEXEC, static_cast<int>(std::min(wanted, most)) - 1);
  if (highest >= 0) ::close(highest);
  return most;
}

}  // namespace albicilla
