// Requests of one session come in lanes: an agent's next request repeats all of its last one. A
// lane remembers the last request's messages and its path, so that the next request costs one
// memcmp for what it repeats. Lanes only save time: the outcome is the same without them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "converter/reading/answer_slices.h"
#include "converter/reading/item_store.h"
#include "converter/reading/path_builder.h"
#include "converter/reading/request_slices.h"

namespace albicilla {

// Belongs to one thread; `store` and `trie` must outlive it.
class Lanes final : public LikelyTexts {
 public:
  Lanes(ItemStore& store, ItemTrie& trie) : store_(&store), trie_(&trie) {}
  void clear();
  // Forgets the requests but not their fields.
  void clear_lanes();

  std::uint32_t take_field(std::string_view name, JsonCursor& cursor) override;
  std::uint32_t take_element(std::size_t place, JsonCursor& cursor) override;

  // A field's text is likely to come again.
  void remember_field(std::string_view name, std::uint32_t text);

  struct Lane {
    Api api = Api::none;
    PathBuilder path;
    std::vector<std::uint32_t> messages;  // numbers of the store
    std::uint64_t used = 0;
  };
  // The lane for a request with these messages; `shared` of them are in its path already and
  // everything else was cut off.
  Lane& lane_for(Api api, std::span<const std::uint32_t> messages, std::uint32_t& shared);

 private:
  struct KnownField {
    std::string name;
    std::vector<std::uint32_t> texts;  // latest first
  };

  bool take(Result<std::string_view> known, JsonCursor& cursor);
  std::unique_ptr<Lane> fresh_lane(Api api);
  std::size_t lane_to_replace();

  ItemStore* store_;
  ItemTrie* trie_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<Lane>> spare_;  // of earlier sessions
  std::vector<KnownField> fields_;
  std::vector<Lane*> alive_;  // lanes that agree with the request so far
  std::uint64_t clock_ = 0;
  LoadedTexts loaded_;
};

}  // namespace albicilla
