// The PROXY protocol, versions 1 and 2, as trusted load balancers put it before a connection's
// first byte: who the client really is. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace albicilla {

struct ProxyPreamble {
  enum class State {
    absent,  // something else begins here
    cut,     // may become one with more bytes
    whole,
    broken,  // begins like one and is none
  };
  State state = State::absent;
  std::size_t size = 0;  // of a whole one
  std::string client;    // empty: the balancer speaks for itself (LOCAL, UNKNOWN)
  bool operator==(const ProxyPreamble&) const = default;
};

ProxyPreamble read_proxy_preamble(std::string_view bytes);

}  // namespace albicilla
