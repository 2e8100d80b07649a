#include "proxy/control/access.h"

#include <algorithm>

#include "common/base/digest.h"
#include "proxy/control/key_ring.h"

namespace albicilla {
namespace {

// Digests are of one length, so neither length nor content of the token shows in the time.
bool same_secret(std::string_view a, std::string_view b) {
  const Digest left = sha256(a);
  const Digest right = sha256(b);
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    difference |= static_cast<unsigned>(left[i] ^ right[i]);
  }
  return difference == 0;
}

bool is_local(std::string_view peer) {
  return peer == "::1" || peer == "unix" || peer.starts_with("127.") ||
         peer.starts_with("::ffff:127.");
}

}  // namespace

bool is_admin(const Config& config, const Visitor& visitor) {
  if (config.admin_token.empty()) return false;
  return same_secret(shown_key(visitor.admin_token, visitor.authorization), config.admin_token);
}

bool may_look(const Config& config, const Visitor& visitor) {
  return is_local(visitor.peer) || is_admin(config, visitor);
}

bool may_scrape(const Config& config, const Visitor& visitor) {
  const auto& ranges = config.metrics_allow;
  return may_look(config, visitor) ||
         std::any_of(ranges.begin(), ranges.end(),
                     [&](const AddressRange& range) { return range.contains(visitor.peer); });
}

}  // namespace albicilla
