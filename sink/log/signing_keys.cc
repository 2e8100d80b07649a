#include "sink/log/signing_keys.h"

#include "common/base/base64.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostFileBytes = 4096;
constexpr std::string_view kNext = ".next";

}  // namespace

// Three lines: the day it was made, the secret in base64, the introduction.
std::string SigningKeys::text_of(const Held& held) {
  std::string text = held.day + "\n";
  append_base64(text, held.key.secret());
  return text + "\n" + held.introduction + "\n";
}

Result<SigningKeys::Held> SigningKeys::parse(const std::string& path, const SinkId& sink,
                                             std::string_view text) {
  const Error strange = our_error(path + " is no signing key of a sink");
  std::string_view lines[3];
  for (std::string_view& line : lines) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return strange;
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  const auto secret = from_base64(lines[1]);
  if (!secret) return strange;
  auto key = SigningKey::from_secret(*secret);
  if (!key) return strange;
  const auto introduction = parse_manifest_line(lines[2]);
  const auto* introduced = introduction ? std::get_if<ManifestKey>(&introduction->what) : nullptr;
  if (introduced == nullptr || introduced->key != key->public_key()) return strange;
  if (introduced->sink != sink) return our_error(path + " belongs to another log root");
  return Held{std::move(*key), std::string(lines[2]), std::string(lines[0])};
}

Result<std::optional<SigningKeys::Held>> SigningKeys::read(FileSystem& files,
                                                           const std::string& path,
                                                           const SinkId& sink) {
  const auto facts = files.look(path);
  if (!facts) return facts.error();
  if (!*facts) return std::optional<Held>();
  const auto text = read_file(files, path, kMostFileBytes);
  if (!text) return text.error();
  auto held = parse(path, sink, *text);
  if (!held) return held.error();
  return std::optional<Held>(std::move(*held));
}

Result<SigningKeys::Held> SigningKeys::make(const SinkId& sink, WallTime now,
                                            const SigningKey* previous) {
  SigningKey key = SigningKey::generate();
  const SigningKey& voucher = previous != nullptr ? *previous : key;
  const ManifestKey statement{key.public_key(), voucher.public_key(), sink, iso8601(now)};
  std::string introduction = manifest_line(statement, voucher);
  return Held{std::move(key), std::move(introduction), utc_day(now)};
}

Result<SigningKeys> SigningKeys::load(FileSystem& files, std::string path, const SinkId& sink,
                                      const std::optional<PublicKey>& signer, WallTime now) {
  auto next = read(files, path + std::string(kNext), sink);
  if (!next) return next.error();
  if (*next && signer == (*next)->key.public_key()) {
    SigningKeys keys(std::move(path), sink, std::move(**next));
    keys.confirmed_ = false;
    if (const Status confirmed = keys.confirm(files); !confirmed) return confirmed.error();
    return keys;
  }
  auto held = read(files, path, sink);
  if (!held) return held.error();
  if (!*held) {
    auto made = make(sink, now, nullptr);
    if (!made) return made.error();
    if (const Status written = replace_file(files, path, text_of(*made)); !written) {
      return written.error();
    }
    *held = std::move(*made);
  }
  SigningKeys keys(std::move(path), sink, std::move(**held));
  if (const Status exported = keys.export_public(files); !exported) return exported.error();
  return keys;
}

Status SigningKeys::rotate(FileSystem& files, WallTime now) {
  // A clock that steps back makes no new key.
  if (!confirmed_ || utc_day(now) <= held_.day) return {};
  auto next = make(sink_, now, &held_.key);
  if (!next) return next.error();
  const Status written = replace_file(files, path_ + std::string(kNext), text_of(*next));
  if (!written) return written;
  held_ = std::move(*next);
  confirmed_ = false;
  return {};
}

Status SigningKeys::confirm(FileSystem& files) {
  if (confirmed_) return {};
  if (const Status renamed = files.rename(path_ + std::string(kNext), path_); !renamed) {
    return renamed;
  }
  if (const Status synced = files.sync_directory(directory_of(path_)); !synced) return synced;
  confirmed_ = true;
  return export_public(files);
}

Status SigningKeys::export_public(FileSystem& files) const {
  return replace_file(files, path_ + ".pub", hex_text(held_.key.public_key()) + "\n");
}

}  // namespace albicilla
