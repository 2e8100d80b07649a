// Who may use the proxy: the keys of keys.json as an immutable snapshot, and the file itself, which
// is edited by hand, by the admin endpoints and by `albicilla-proxy keys`. Keys are stored as
// "sha256:<64 hex>" by everything of ours; plain ones of a hand-made file are read too.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/digest.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "common/json/tree.h"

namespace albicilla {

struct ClientKey {
  Digest digest;
  std::string user_id;
  bool active = true;
};

// Immutable, so any thread may ask.
class KeyRing {
 public:
  KeyRing() = default;
  explicit KeyRing(std::vector<ClientKey> keys) : keys_(std::move(keys)) {}

  // From a keys file's text. Items without api_key or user_id are left out, as they always were.
  static Result<KeyRing> parse(std::string_view text);

  // The user of an active key. Takes the same time for every key of the ring, right or wrong.
  std::optional<std::string> user_of(std::string_view key) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<ClientKey> keys_;
};

// The key that a request shows: x-api-key wins over `Authorization: Bearer`; empty when none.
std::string_view shown_key(std::string_view x_api_key, std::string_view authorization);

// The file. Every change reads, alters and replaces it under a lock beside it, so that any number
// of processes may change it at once; unknown members of items are kept.
class KeyFile {
 public:
  KeyFile(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  // Makes an empty file (0600) when there is none.
  Status create_when_missing();
  Result<KeyRing> load() const;

  // Adds the key or replaces the item of the same key. `item` needs api_key (plain or sha256:) and
  // user_id; it is stored hashed.
  Status upsert(const Json& item);
  // All items of that user; false when there is none.
  Result<bool> set_active(std::string_view user_id, bool active);
  Result<bool> remove(std::string_view user_id);
  // The items with what identifies a key but does not reveal it: "sha256:1a2b3c4d…".
  Result<Json> masked_items() const;

 private:
  Result<Json> read() const;
  template <class Change>
  Status change(const Change& change);

  FileSystem& files_;
  std::string path_;
};

// Watches the file: snapshot() looks at it when it has changed. One per worker; not thread safe.
class WatchedKeys {
 public:
  WatchedKeys(FileSystem& files, std::string path);

  // The newest valid content. A file that cannot be read or parsed leaves the last one in force and
  // is complained about once.
  const KeyRing& snapshot();

 private:
  FileSystem& files_;
  KeyFile file_;
  std::string path_;
  KeyRing ring_;
  std::optional<FileFacts> seen_;
  bool complained_ = false;
};

}  // namespace albicilla
