#include "sink/store/checksum.h"

#include <cstdlib>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/base64.h"

namespace albicilla {

namespace {

// OpenSSL refuses these calls only when it is broken or memory is gone; a digest that was not
// computed must never look like one.
void must(bool ok) {
  if (!ok) std::abort();
}

std::string digest_of(ChecksumKind kind, std::string_view bytes) {
  Checksum digest(kind);
  digest.add(bytes);
  return digest.finish();
}

}  // namespace

struct Checksum::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { must(context != nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Checksum::Checksum(ChecksumKind kind) : state_(std::make_unique<State>()) {
  const EVP_MD* algorithm = kind == ChecksumKind::md5 ? EVP_md5() : EVP_sha256();
  must(EVP_DigestInit_ex(state_->context, algorithm, nullptr) == 1);
}

Checksum::~Checksum() = default;

void Checksum::add(std::string_view bytes) {
  must(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Checksum::finish() {
  std::string raw(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  must(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(raw.data()), &size) ==
       1);
  raw.resize(size);
  return raw;
}

std::string raw_md5(std::string_view bytes) { return digest_of(ChecksumKind::md5, bytes); }
std::string raw_sha256(std::string_view bytes) { return digest_of(ChecksumKind::sha256, bytes); }

std::string raw_hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string raw(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  must(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
            reinterpret_cast<unsigned char*>(raw.data()), &size) != nullptr);
  raw.resize(size);
  return raw;
}

std::string hex_of(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::string base64_of(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

}  // namespace albicilla
