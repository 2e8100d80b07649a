// Property: what is whole stays whole with more bytes behind it, and never claims more than is
// there.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/traffic/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using albicilla::ProxyPreamble;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const ProxyPreamble read = albicilla::read_proxy_preamble(text);
  if (read.state != ProxyPreamble::State::whole) return 0;
  if (read.size > size || read.size == 0) std::abort();
  if (albicilla::read_proxy_preamble(text + "GET / HTTP/1.1\r\n") != read) std::abort();
  if (albicilla::read_proxy_preamble(text.substr(0, read.size)) != read) std::abort();
  return 0;
}
