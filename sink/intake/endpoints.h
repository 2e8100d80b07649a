// Where the sink listens: what an endpoint means and which are safe without keys. Pure but for
// secure_ipc_directory.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

// Where the watermarks come from when nobody says: the next port of a tcp endpoint, the sibling
// `<path>.ack` of an ipc one.
Result<std::string> default_ack_endpoint(std::string_view listen);

// `tcp://host:port` or `ipc://path`, nothing else.
Status check_endpoint(std::string_view endpoint);
// An ipc endpoint, or a tcp one that other hosts cannot reach.
bool is_local(std::string_view endpoint);

// Makes the directory of an ipc endpoint, readable by us alone; one that others may enter is an
// error, because whoever can connect can write records. Does nothing for tcp.
Status secure_ipc_directory(FileSystem& files, std::string_view endpoint);

}  // namespace albicilla
