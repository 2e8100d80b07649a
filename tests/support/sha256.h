// SHA-256 for the journals of the test programs, whole or piece by piece. OpenSSL stays behind it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace albicilla::support {

// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void add(std::string_view bytes);
  // Of what has been added so far; call once.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace albicilla::support
