#include "common/base/error.h"

#include <system_error>

namespace albicilla {

Error errno_error(const std::string& where, int errno_value) {
  return our_error(where + ": " + std::generic_category().message(errno_value));
}

}  // namespace albicilla
