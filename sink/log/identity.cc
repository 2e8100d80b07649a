#include "sink/log/identity.h"

namespace albicilla {

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMostFileBytes = 256;

std::string fresh_secret() {
  std::string secret;
  while (secret.size() < kSecretBytes) secret += random_id<SinkId>().view();
  return secret;
}

// The file's content, or `fresh` written to it when there is none.
Result<std::string> read_or_make(FileSystem& files, const std::string& path, std::string fresh) {
  const auto facts = files.look(path);
  if (!facts) return facts.error();
  if (*facts) return read_file(files, path, kMostFileBytes);
  if (const Status made = replace_file(files, path, fresh); !made) return made.error();
  return fresh;
}

}  // namespace

std::string identity_directory(const std::string& log_root) { return log_root + "/.sink"; }

Result<Identity> load_identity(FileSystem& files, const std::string& log_root) {
  const std::string directory = identity_directory(log_root);
  if (const Status made = files.make_directories(directory); !made) return made.error();
  const std::string id_path = directory + "/id";
  const auto id_text = read_or_make(files, id_path, hex_text(random_id<SinkId>().bytes) + "\n");
  if (!id_text) return id_text.error();
  const auto id = from_hex_text(std::string_view(*id_text).substr(0, id_text->find('\n')));
  if (!id) return our_error(id_path + " must hold 32 hex digits");
  const std::string secret_path = directory + "/session_secret";
  auto secret = read_or_make(files, secret_path, fresh_secret());
  if (!secret) return secret.error();
  if (secret->size() != kSecretBytes) {
    return our_error(secret_path + " must have " + std::to_string(kSecretBytes) + " bytes, has " +
                     std::to_string(secret->size()));
  }
  return Identity{SinkId{*id}, std::move(*secret)};
}

}  // namespace albicilla
