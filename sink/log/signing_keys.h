// The sink's own signing key: made at the first start, another one every day, each vouched for by
// the one before. A key that is no longer here cannot be made to sign for a day that is over.
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/id128.h"
#include "common/base/result.h"
#include "common/chain/manifest.h"
#include "common/io/file.h"

namespace albicilla {

class SigningKeys {
 public:
  // `path`: the secret file, 0600; `<path>.pub` beside it holds the public key in hex. `signer` is
  // the key of the newest checkpoint: it tells whether a rotation had come into force.
  static Result<SigningKeys> load(FileSystem& files, std::string path, const SinkId& sink,
                                  const std::optional<PublicKey>& signer, WallTime now);

  const SigningKey& current() const { return held_.key; }
  // The statement that introduces the current key, for the manifests it signs.
  const std::string& introduction() const { return held_.introduction; }

  // A new key when the day has changed. The old one stays until confirm(): a key that no manifest
  // introduces would break the chain of keys.
  Status rotate(FileSystem& files, WallTime now);
  // A manifest with the current key's introduction is durable.
  Status confirm(FileSystem& files);

 private:
  struct Held {
    SigningKey key;
    std::string introduction;
    std::string day;  // it was made on
  };

  SigningKeys(std::string path, const SinkId& sink, Held held)
      : path_(std::move(path)), sink_(sink), held_(std::move(held)) {}

  static Result<Held> make(const SinkId& sink, WallTime now, const SigningKey* previous);
  static Result<Held> parse(const std::string& path, const SinkId& sink, std::string_view text);
  static Result<std::optional<Held>> read(FileSystem& files, const std::string& path,
                                          const SinkId& sink);
  static std::string text_of(const Held& held);
  Status export_public(FileSystem& files) const;

  std::string path_;
  SinkId sink_;
  Held held_;
  bool confirmed_ = true;
};

}  // namespace albicilla
