#include "proxy/redaction_settings.h"

#include <utility>

#include "common/base/id128.h"
#include "common/io/file.h"

namespace albicilla {

namespace {

constexpr std::size_t kLeastKeyBytes = 16;
constexpr std::size_t kMostKeyBytes = 4096;

struct KeyTag;

Result<std::string> read_key(const std::string& path) {
  DiskFileSystem files;
  auto key = read_file(files, path, kMostKeyBytes);
  if (!key) return client_error("redaction: " + key.error().message);
  while (key->ends_with('\n') || key->ends_with('\r')) key->pop_back();
  if (key->size() < kLeastKeyBytes) {
    return client_error("redaction: " + path + ": expected a key of at least 16 bytes");
  }
  return key;
}

}  // namespace

Status make_redaction_key(const RedactionConfig& redaction) {
  if (redaction.key_file.empty() || redaction.rules.empty()) return {};
  DiskFileSystem files;
  const auto facts = files.look(redaction.key_file);
  if (!facts) return facts.error();
  if (*facts) return {};
  const Status made = files.make_directories(directory_of(redaction.key_file));
  if (!made) return made;
  const std::string key = hex_text(random_id<Id128<KeyTag>>().bytes) +
                          hex_text(random_id<Id128<KeyTag>>().bytes) + "\n";
  return replace_file(files, redaction.key_file, key);
}

Result<std::optional<RedactionPolicy>> redaction_policy(const RedactionConfig& redaction) {
  if (redaction.rules.empty()) return std::optional<RedactionPolicy>();
  std::string key;
  if (!redaction.key_file.empty()) {
    auto read = read_key(redaction.key_file);
    if (!read) return read.error();
    key = *std::move(read);
  }
  auto policy = RedactionPolicy::make(redaction.rules, std::move(key));
  if (!policy) return policy.error();
  return std::optional<RedactionPolicy>(*std::move(policy));
}

Status check_redaction(const RedactionConfig& redaction) {
  const auto policy =
      RedactionPolicy::make(redaction.rules, redaction.key_file.empty() ? "" : redaction.key_file);
  return policy ? Status() : Status(policy.error());
}

}  // namespace albicilla
