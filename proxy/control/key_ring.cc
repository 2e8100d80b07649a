#include "proxy/control/key_ring.h"

#include <thread>
#include <utility>

#include "common/base/log.h"
#include "common/http/headers.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostKeyFileBytes = 64U << 20;
constexpr std::string_view kHashed = "sha256:";
constexpr auto kLockTime = std::chrono::seconds(10);

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The digest of a stored key, plain or hashed; nullopt when it says sha256: and is not.
std::optional<Digest> digest_of(std::string_view stored) {
  if (!stored.starts_with(kHashed)) return sha256(stored);
  stored.remove_prefix(kHashed.size());
  Digest digest{};
  if (stored.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_value(stored[2 * i]);
    const int low = hex_value(stored[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

std::string hashed_text(const Digest& digest) {
  return std::string(kHashed) + hex_prefix(digest, 64);
}

// Touches every byte whatever it finds.
bool equal_in_constant_time(const Digest& a, const Digest& b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

Result<Json> parse_items(std::string_view text, const std::string& where) {
  auto tree = parse_json(text);
  if (!tree) return client_error(where + ": " + tree.error().message);
  if (!tree->is_object()) return client_error(where + ": expected an object with \"keys\"");
  if (const Json* keys = tree->find("keys"); keys != nullptr && !keys->is_array()) {
    return client_error(where + ": \"keys\" must be a list");
  }
  return tree;
}

}  // namespace

Result<KeyRing> KeyRing::parse(std::string_view text) {
  const auto tree = parse_items(text, "keys file");
  if (!tree) return tree.error();
  std::vector<ClientKey> keys;
  for (const Json& item : tree->at("keys").elements()) {
    const std::string_view key = item.at("api_key").text();
    const std::string_view user = item.at("user_id").text();
    if (key.empty() || user.empty()) continue;
    const auto digest = digest_of(key);
    if (!digest) continue;
    keys.push_back({*digest, std::string(user), item.at("active").boolean().value_or(true)});
  }
  return KeyRing(std::move(keys));
}

std::optional<std::string> KeyRing::user_of(std::string_view key) const {
  const Digest shown = sha256(key);
  const ClientKey* match = nullptr;
  for (const ClientKey& candidate : keys_) {
    if (equal_in_constant_time(candidate.digest, shown)) match = &candidate;
  }
  if (match == nullptr || !match->active || key.empty()) return std::nullopt;
  return match->user_id;
}

std::string_view shown_key(std::string_view x_api_key, std::string_view authorization) {
  if (!x_api_key.empty()) return x_api_key;
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size() ||
      !same_name(authorization.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

Status KeyFile::create_when_missing() {
  const auto facts = files_.look(path_);
  if (!facts) return facts.error();
  if (*facts) return {};
  if (const Status made = files_.make_directories(directory_of(path_)); !made) return made;
  return change([](Json& keys) {
    if (!keys.is_array()) keys = Json::array();
    return Status{};
  });
}

Result<KeyRing> KeyFile::load() const {
  const auto text = read_file(files_, path_, kMostKeyFileBytes);
  if (!text) return text.error();
  auto ring = KeyRing::parse(*text);
  if (!ring) return client_error(path_ + ": " + ring.error().message);
  return ring;
}

Result<Json> KeyFile::read() const {
  const auto facts = files_.look(path_);
  if (!facts) return facts.error();
  if (!*facts) return Json::object();
  const auto text = read_file(files_, path_, kMostKeyFileBytes);
  if (!text) return text.error();
  return parse_items(*text, path_);
}

// `change` gets the list of items and may refuse.
template <class Change>
Status KeyFile::change(const Change& change) {
  const auto give_up = std::chrono::steady_clock::now() + kLockTime;
  while (true) {
    const auto lock = files_.try_lock(path_ + ".lock");
    if (!lock) return lock.error();
    if (!*lock) {
      if (std::chrono::steady_clock::now() > give_up) {
        return our_error(path_ + ".lock: held by another process for 10 s");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      continue;
    }
    auto tree = read();
    if (!tree) return tree.error();
    Json keys = tree->at("keys").is_array() ? tree->at("keys") : Json::array();
    if (const Status changed = change(keys); !changed) return changed;
    tree->set("keys", std::move(keys));
    return replace_file(files_, path_, dump_json_pretty(*tree) + "\n");
  }
}

Status KeyFile::upsert(const Json& item) {
  const std::string_view key = item.at("api_key").text();
  if (key.empty() || item.at("user_id").text().empty()) {
    return client_error("api_key and user_id required");
  }
  const auto digest = digest_of(key);
  if (!digest) return client_error("api_key: sha256: must be followed by 64 hex digits");
  Json stored = item;
  stored.set("api_key", hashed_text(*digest));
  if (stored.find("active") == nullptr) stored.set("active", true);
  return change([&](Json& keys) {
    Json::Array items;
    bool replaced = false;
    for (const Json& old : keys.elements()) {
      if (digest_of(old.at("api_key").text()) != digest) {
        items.push_back(old);
      } else if (!replaced) {
        items.push_back(stored);
        replaced = true;
      }
    }
    if (!replaced) items.push_back(stored);
    keys = std::move(items);
    return Status{};
  });
}

Result<bool> KeyFile::set_active(std::string_view user_id, bool active) {
  bool found = false;
  const Status changed = change([&](Json& keys) {
    Json::Array items = keys.elements();
    for (Json& item : items) {
      if (item.at("user_id").text() != user_id) continue;
      item.set("active", active);
      found = true;
    }
    keys = std::move(items);
    return Status{};
  });
  if (!changed) return changed.error();
  return found;
}

Result<bool> KeyFile::remove(std::string_view user_id) {
  bool found = false;
  const Status changed = change([&](Json& keys) {
    Json::Array items = keys.elements();
    found = std::erase_if(
                items, [&](const Json& item) { return item.at("user_id").text() == user_id; }) > 0;
    keys = std::move(items);
    return Status{};
  });
  if (!changed) return changed.error();
  return found;
}

Result<Json> KeyFile::masked_items() const {
  const auto tree = read();
  if (!tree) return tree;
  Json items = Json::array();
  for (const Json& item : tree->at("keys").elements()) {
    Json shown = item;
    const auto digest = digest_of(item.at("api_key").text());
    shown.set("api_key", digest ? hashed_text(*digest).substr(0, kHashed.size() + 8) + "..." : "");
    items.push(std::move(shown));
  }
  return items;
}

WatchedKeys::WatchedKeys(FileSystem& files, std::string path)
    : files_(files), file_(files, path), path_(std::move(path)) {}

const KeyRing& WatchedKeys::snapshot() {
  const auto facts = files_.look(path_);
  if (!facts || !*facts || (seen_ && **facts == *seen_)) return ring_;
  auto ring = file_.load();
  if (!ring) {
    if (!complained_)
      log_error("keys file refused, the last one stays", {{"why", ring.error().message}});
    complained_ = true;
    return ring_;
  }
  seen_ = **facts;
  complained_ = false;
  ring_ = *std::move(ring);
  return ring_;
}

}  // namespace albicilla
