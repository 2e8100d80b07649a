// Sockets that the supervisor opens and workers inherit: one per worker slot on the same port
// (SO_REUSEPORT), so that the kernel spreads connections and a restarted worker finds its queue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace albicilla {

struct ListeningSockets {
  std::vector<int> fds;  // close-on-exec
  std::uint16_t port = 0;
};

// `host` is an address or a name; "0.0.0.0" and "::" are all interfaces. Port 0 takes a free one.
Result<ListeningSockets> open_listening_sockets(const std::string& host, std::uint16_t port,
                                                std::uint32_t count);

// One Unix socket that all workers share: each gets a descriptor of its own. A left-over file that
// nobody listens on is replaced; its owner and group may connect.
Result<ListeningSockets> open_unix_socket(const std::string& path, std::uint32_t count);

// For the end: nobody new gets in, and whoever has got in already is not reset. The kernel drops
// further SYNs to these sockets, which clients send again a second later, and our descriptors are
// closed; the sockets live until the workers, who still accept what waits, have closed theirs.
void end_listening(ListeningSockets& sockets);

}  // namespace albicilla
