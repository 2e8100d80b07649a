// The one error value of the house: whose fault it is and one line that says what to do about it.
#pragma once

#include <string>

namespace albicilla {

// Decides the answer (4xx, 502/504, 500) and which counter moves.
enum class Fault { client, upstream, ours };

// The message says where, what was expected and what came; lowercase, no full stop, never a body,
// a header value or a secret.
struct Error {
  Fault fault = Fault::ours;
  std::string message;
  int os_error = 0;  // errno when the operating system refused, so that "no room" can be told apart
  bool operator==(const Error&) const = default;
};

inline Error client_error(std::string message) { return {Fault::client, std::move(message), 0}; }
inline Error upstream_error(std::string message) {
  return {Fault::upstream, std::move(message), 0};
}
inline Error our_error(std::string message) { return {Fault::ours, std::move(message), 0}; }

// "open spool/a.seg: No space left on device" from errno; thread safe.
Error errno_error(const std::string& where, int errno_value);

}  // namespace albicilla
