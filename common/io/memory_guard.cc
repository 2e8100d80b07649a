#include "common/io/memory_guard.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "common/base/log.h"

namespace albicilla {

void guard_memory() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0) != 0) {
    log_warning("core files cannot be switched off");
  }
}

}  // namespace albicilla
