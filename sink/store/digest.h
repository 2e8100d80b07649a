// MD5, SHA-256, HMAC-SHA-256 and base64, as the object stores' protocols want them. The one place
// of this room that includes OpenSSL. An inline namespace of its own: common/base has a sha256,
// too, and the linker must not take one for the other. MD5 guards transport here (Content-MD5),
// nothing else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace albicilla {
inline namespace store_digest {

enum class DigestKind { md5, sha256 };

// Takes bytes piece by piece. Not thread safe.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void add(std::string_view bytes);
  // The raw digest (16 or 32 bytes). Call once.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string md5(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
// nullopt unless `text` is padded base64 of the standard alphabet.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace store_digest
}  // namespace albicilla
