#include "common/base/error.h"

#include <system_error>

namespace albicilla {

Error errno_error(const std::string& where, int errno_value) {
  Error error = our_error(where + ": " + std::generic_category().message(errno_value));
  error.os_error = errno_value;
  return error;
}

}  // namespace albicilla
