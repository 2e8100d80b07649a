// MD5, SHA-256 and HMAC-SHA-256 as raw bytes and over pieces, as the object stores' protocols want
// them. The one place of this room that includes OpenSSL. MD5 guards transport here (Content-MD5),
// nothing else.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace albicilla {

enum class ChecksumKind { md5, sha256 };

// Takes bytes piece by piece. Not thread safe.
class Checksum {
 public:
  explicit Checksum(ChecksumKind kind);
  ~Checksum();
  Checksum(const Checksum&) = delete;
  Checksum& operator=(const Checksum&) = delete;

  void add(std::string_view bytes);
  // The raw digest (16 or 32 bytes). Call once.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string raw_md5(std::string_view bytes);
std::string raw_sha256(std::string_view bytes);
std::string raw_hmac_sha256(std::string_view key, std::string_view bytes);

std::string hex_of(std::string_view bytes);
std::string base64_of(std::string_view bytes);

}  // namespace albicilla
