#include "sink/store/digest.h"

#include <cstdlib>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace albicilla {
inline namespace store_digest {

namespace {

// OpenSSL refuses these calls only when it is broken or memory is gone; a digest that was not
// computed must never look like one.
void must(bool ok) {
  if (!ok) std::abort();
}

std::string digest_of(DigestKind kind, std::string_view bytes) {
  Digest digest(kind);
  digest.add(bytes);
  return digest.finish();
}

}  // namespace

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { must(context != nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>()) {
  const EVP_MD* algorithm = kind == DigestKind::md5 ? EVP_md5() : EVP_sha256();
  must(EVP_DigestInit_ex(state_->context, algorithm, nullptr) == 1);
}

Digest::~Digest() = default;

void Digest::add(std::string_view bytes) {
  must(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Digest::finish() {
  std::string raw(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  must(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(raw.data()), &size) ==
       1);
  raw.resize(size);
  return raw;
}

std::string md5(std::string_view bytes) { return digest_of(DigestKind::md5, bytes); }
std::string sha256(std::string_view bytes) { return digest_of(DigestKind::sha256, bytes); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string raw(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  must(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
            reinterpret_cast<unsigned char*>(raw.data()), &size) != nullptr);
  raw.resize(size);
  return raw;
}

std::string hex(std::string_view bytes) {
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

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.substr(0, text.size() - padding).find_first_not_of(kAlphabet) != text.npos) {
    return std::nullopt;
  }
  std::string out(text.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

}  // namespace store_digest
}  // namespace albicilla
