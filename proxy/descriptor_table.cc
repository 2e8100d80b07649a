#include "proxy/descriptor_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "common/io/open_files.h"

namespace albicilla {

std::size_t prepare_descriptors(int any, std::size_t wanted) {
  const std::size_t most = raise_open_files_limit();
  const int highest = ::fcntl(any, F_DUPFD_CLOEXEC, static_cast<int>(std::min(wanted, most)) - 1);
  if (highest >= 0) ::close(highest);
  return most;
}

}  // namespace albicilla
