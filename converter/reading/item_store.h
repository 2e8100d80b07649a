// The distinct messages of one session: each raw text is stored, parsed and hashed once, however
// often requests repeat it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/canonical.h"
#include "converter/reading/hash_index.h"
#include "converter/reading/items.h"
#include "converter/reading/text_store.h"

namespace albicilla {

// One raw message and the items it holds: [first_item, first_item + item_count) of the store.
struct StoredMessage {
  // Where a message's only text stands in it, if it is one item and nothing else: as most are. Then
  // it needs no form.
  struct PlainText {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
    Role role = Role::user;
    bool escaped = false;
    bool canonical = false;
  };

  TextRef raw;                  // its form lies behind it
  std::uint32_t form_size = 0;  // 0: it has none and is parsed again, unless it is plain
  PlainText plain;
  bool is_plain = false;
  std::uint32_t first_item = 0;
  std::uint32_t item_count = 0;
  Shape shape = Shape::chat_message;
  bool valid = true;  // false: could not be read; it holds no items
};

// Numbers are given out from 0 on and stay valid until clear(). Belongs to one thread.
class ItemStore {
 public:
  ItemStore(std::size_t memory_budget, std::filesystem::path folder);
  void clear();
  // Holds so much that a next session is better off without it.
  bool is_large() const;
  // Of all texts.
  std::uint64_t size() const { return texts_.size(); }

  // The number of this message; `raw` is one checked JSON value inside the text that `known` tells
  // of.
  Result<std::uint32_t> add(Shape shape, std::string_view raw, const KnownText& known = {});
  // The number of any other text (tools, parameters); equal texts have the same.
  Result<std::uint32_t> add_text(std::string_view raw);
  // The same for a text that is hardly there yet: it gets a number of its own.
  Result<std::uint32_t> add_own_text(std::string_view raw);

  const StoredMessage& message(std::uint32_t number) const { return messages_[number]; }
  // What was wrong with a message that is not valid.
  std::string_view error(std::uint32_t number) const;
  const ItemKey& key(std::uint32_t item) const { return keys_[item]; }
  std::span<const CallKey> calls(std::uint32_t item) const {
    return std::span(calls_).subspan(keys_[item].first_call, keys_[item].call_count);
  }
  Result<std::string_view> raw(std::uint32_t message, LoadedTexts& loaded) const {
    return texts_.load(messages_[message].raw, loaded);
  }
  Result<std::string_view> text(std::uint32_t number, LoadedTexts& loaded) const {
    return texts_.load(plain_[number], loaded);
  }

  // Adds one stored item, parsed again, to `list`. Its views point into the store or `loaded`.
  Status read_item(std::uint32_t item, LoadedTexts& loaded, ItemList& list);
  // The text hash of assistant items that are one.
  Result<Hash128> joined_text_hash(std::span<const std::uint32_t> items);

  // What was repaired since the last call.
  TextRepairs take_repairs() { return canonicalizer_.take_repairs(); }

 private:
  Status parse(StoredMessage& message, std::uint32_t number, std::string_view raw,
               const KnownText& known);
  void keep_items(StoredMessage& message, std::string_view raw);

  TextStore texts_;
  std::vector<StoredMessage> messages_;
  std::vector<std::uint32_t> message_of_item_;
  std::vector<ItemKey> keys_;
  std::vector<CallKey> calls_;
  std::vector<TextRef> plain_;
  std::vector<std::pair<std::uint32_t, std::string>> errors_;
  HashIndex known_;
  HashIndex known_texts_;
  ItemParser parser_;
  Canonicalizer canonicalizer_;
  ItemList scratch_;
  std::string forms_;
};

}  // namespace albicilla
