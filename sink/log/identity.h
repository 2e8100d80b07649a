// Who this log root is: a random id that the watermarks carry, so that no worker mistakes another
// root for the one that holds its records, and the secret that keys derived session ids. Made once,
// in `<log root>/.sink`.
#pragma once

#include <string>

#include "common/base/id128.h"
#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

struct Identity {
  SinkId sink;
  std::string session_secret;  // 32 bytes
};

// Makes what is missing, durably. A file that is there but unusable is an error.
Result<Identity> load_identity(FileSystem& files, const std::string& log_root);

// Where the identity, the keys and the lock of a log root lie.
std::string identity_directory(const std::string& log_root);

}  // namespace albicilla
