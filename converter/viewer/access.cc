#include "converter/viewer/access.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

#include "common/base/id128.h"
#include "common/base/log.h"
#include "common/chain/hash_chain.h"
#include "common/json/tree.h"

namespace albicilla::viewer {
namespace {

constexpr std::chrono::hours kVisitTime{12};
constexpr std::size_t kMostVisits = 1000;
constexpr double kMostFailures = 10;
constexpr std::size_t kMostPeers = 4096;

// Without the port; brackets of IPv6 addresses taken off.
std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

bool is_ipv4(std::string_view name) {
  std::size_t dots = 0;
  for (const char c : name) {
    if (c == '.') {
      ++dots;
    } else if (c < '0' || c > '9') {
      return false;
    }
  }
  return dots == 3 && name.size() >= 7 && name.size() <= 15;
}

bool is_ipv6(std::string_view host, std::string_view name) {
  if (!host.starts_with('[') || name.find(':') == std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':' || c == '.'; });
}

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

Result<Digest> token_digest(std::string_view token, const std::string& name) {
  constexpr std::string_view kHashed = "sha256:";
  if (token.starts_with(kHashed)) {
    const auto digest = digest_from_hex(token.substr(kHashed.size()));
    if (!digest) return client_error("users: token of '" + name + "' is no sha256:<64 hex digits>");
    return *digest;
  }
  if (token.size() < 16) {
    return client_error("users: token of '" + name + "' must have at least 16 characters");
  }
  return sha256(token);
}

}  // namespace

Result<std::map<Digest, User>> parse_users(std::string_view json) {
  auto tree = parse_json(json);
  if (!tree) return client_error("users: " + tree.error().message);
  std::map<Digest, User> users;
  for (const Json& entry : tree->at("users").elements()) {
    User user;
    user.name = entry.at("name").text();
    if (user.name.empty()) return client_error("users: an entry has no name");
    auto digest = token_digest(entry.at("token").text(), user.name);
    if (!digest) return digest.error();
    bool may_read = false;
    for (const Json& right : entry.at("rights").elements()) {
      may_read = may_read || right.text() == "read";
      user.may_export = user.may_export || right.text() == "export";
      if (right.text() != "read" && right.text() != "export") {
        return client_error("users: rights of '" + user.name + "' must be read or export");
      }
    }
    if (!may_read) return client_error("users: '" + user.name + "' may not even read");
    if (!users.emplace(*digest, user).second) {
      return client_error("users: two users have the token of '" + user.name + "'");
    }
  }
  if (users.empty()) return client_error("users: no users in the file");
  return users;
}

Result<Access> Access::load(const std::filesystem::path& users_file) {
  std::ifstream file(users_file, std::ios::binary);
  if (!file) return client_error("cannot read users file " + users_file.string());
  struct stat facts {};
  if (::stat(users_file.c_str(), &facts) == 0 && (facts.st_mode & 077) != 0) {
    log_warning("users file is readable by others", {{"file", users_file.string()}});
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto users = parse_users(text);
  if (!users) return users.error();
  return Access(std::move(*users));
}

Access::Access(Access&& other) noexcept
    : users_(std::move(other.users_)), needs_token_(other.needs_token_) {}

// Digests are compared, not tokens: how long that takes says nothing about a token.
const User* Access::find_user(std::string_view token) const {
  const auto found = users_.find(sha256(token));
  return found == users_.end() ? nullptr : &found->second;
}

std::optional<User> Access::identify(std::string_view bearer, std::string_view cookie,
                                     const Try& one) {
  if (!needs_token_) return User{"local", true};
  const std::lock_guard lock(mutex_);
  if (!bearer.empty()) {
    if (const User* user = find_user(bearer)) return *user;
    note_failure(one);
    return std::nullopt;
  }
  const auto visit = visits_.find(sha256(cookie));
  if (cookie.empty() || visit == visits_.end()) return std::nullopt;
  if (visit->second.until < one.now) {
    visits_.erase(visit);
    return std::nullopt;
  }
  return visit->second.user;
}

std::optional<std::string> Access::log_in(std::string_view token, const Try& one) {
  const std::lock_guard lock(mutex_);
  const User* user = find_user(token);
  if (user == nullptr) {
    note_failure(one);
    return std::nullopt;
  }
  std::erase_if(visits_, [&](const auto& visit) { return visit.second.until < one.now; });
  if (visits_.size() >= kMostVisits) visits_.erase(visits_.begin());
  std::string cookie = hex_text(random_bytes16()) + hex_text(random_bytes16());
  visits_[sha256(cookie)] = {*user, one.now + kVisitTime};
  return cookie;
}

void Access::log_out(std::string_view cookie) {
  const std::lock_guard lock(mutex_);
  visits_.erase(sha256(cookie));
}

double Access::failures_of(const Try& one) const {
  const auto found = failures_.find(one.peer);
  if (found == failures_.end()) return 0;
  const double seconds = std::chrono::duration<double>(one.now - found->second.last).count();
  return std::max(0.0, found->second.count - seconds);
}

void Access::note_failure(const Try& one) {
  if (failures_.size() >= kMostPeers) {
    std::erase_if(failures_, [&](const auto& peer) {
      return failures_of({peer.first, one.now}) <= 0;
    });
  }
  // Whoever comes from thousands of addresses at once is not stopped by counting them.
  if (failures_.size() >= kMostPeers) failures_.erase(failures_.begin());
  const double before = failures_of(one);
  failures_[one.peer] = {before + 1, one.now};
}

bool Access::may_try(const Try& one) {
  const std::lock_guard lock(mutex_);
  return failures_of(one) < kMostFailures;
}

bool is_allowed_host(std::string_view host, const std::vector<std::string>& allowed) {
  const std::string_view name = host_name(host);
  if (name.empty()) return false;
  if (is_ipv4(name) || is_ipv6(host, name) || same_text(name, "localhost")) return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& other) { return same_text(name, other); });
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  if (origin.empty()) return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) return same_text(origin.substr(scheme.size()), host);
  }
  return false;
}

bool is_loopback(std::string_view host) {
  constexpr std::array<std::string_view, 4> kNames = {"localhost", "::1", "[::1]", "127.0.0.1"};
  if (std::find(kNames.begin(), kNames.end(), host) != kNames.end()) return true;
  return is_ipv4(host) && host.starts_with("127.");
}

}  // namespace albicilla::viewer
