// Who may look: users with tokens from a file, the cookies that they log in to, and which Host and
// Origin a request may carry (DNS rebinding). Knows nothing of HTTP but these words.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/digest.h"
#include "common/base/result.h"

namespace albicilla::viewer {

struct User {
  std::string name;
  bool may_export = false;
};

// {"users":[{"name":"ann","token":"…" or "sha256:<64 hex>","rights":["read","export"]}]}
Result<std::map<Digest, User>> parse_users(std::string_view json);

// Thread safe.
class Access {
 public:
  using Clock = std::chrono::steady_clock;

  // Somebody comes with a token or a cookie.
  struct Try {
    std::string peer;  // address
    Clock::time_point now;
  };

  // Nobody has to log in; everybody is `local` and may export.
  Access() = default;
  explicit Access(std::map<Digest, User> users) : users_(std::move(users)), needs_token_(true) {}

  static Result<Access> load(const std::filesystem::path& users_file);
  Access(Access&& other) noexcept;

  bool needs_token() const { return needs_token_; }
  // By a token (Authorization: Bearer) or a cookie; nullopt when neither is good.
  std::optional<User> identify(std::string_view bearer, std::string_view cookie, const Try& one);
  // A new cookie for a good token.
  std::optional<std::string> log_in(std::string_view token, const Try& one);
  void log_out(std::string_view cookie);
  // False while too many wrong tokens come from that peer: whoever guesses must wait, nobody else.
  bool may_try(const Try& one);

 private:
  struct Visit {
    User user;
    Clock::time_point until;
  };
  const User* find_user(std::string_view token) const;
  void note_failure(const Try& one);
  double failures_of(const Try& one) const;

  std::map<Digest, User> users_;
  bool needs_token_ = false;
  std::mutex mutex_;
  std::map<Digest, Visit> visits_;  // by the cookie's digest
  struct Failures {
    double count = 0;  // leaks away, one a second
    Clock::time_point last;
  };
  std::map<std::string, Failures> failures_;  // by peer
};

// May this Host header be answered? IP addresses, localhost and the names in `allowed` only: a name
// of somebody else's that resolves to us is a rebinding attack.
bool is_allowed_host(std::string_view host, const std::vector<std::string>& allowed);

// Is the page that asks one of ours? `origin` is empty where the browser sends none.
bool is_own_origin(std::string_view origin, std::string_view host);

// "127.0.0.1", "::1", "localhost".
bool is_loopback(std::string_view host);

}  // namespace albicilla::viewer
