#include "converter/reading/item_store.h"

#include <algorithm>
#include <utility>

namespace albicilla {

namespace {

constexpr std::uint64_t kMessageSeed = 0x100;
constexpr std::uint64_t kTextSeed = 0x200;

}  // namespace

ItemStore::ItemStore(std::size_t memory_budget, std::filesystem::path folder)
    : texts_(memory_budget, std::move(folder)) {}

void ItemStore::clear() {
  texts_.clear();
  messages_.clear();
  message_of_item_.clear();
  keys_.clear();
  calls_.clear();
  plain_.clear();
  errors_.clear();
  known_.clear();
  known_texts_.clear();
}

Result<std::uint32_t> ItemStore::add(Shape shape, std::string_view raw) {
  const Hash128 hash = hash_bytes(raw, kMessageSeed + static_cast<std::uint64_t>(shape));
  const std::uint32_t known = known_.find(hash);
  if (known != HashIndex::kNone) return known;
  const auto number = static_cast<std::uint32_t>(messages_.size());
  auto ref = texts_.append(raw);
  if (!ref) return ref.error();
  messages_.push_back({*ref, static_cast<std::uint32_t>(keys_.size()), 0, shape, true});
  known_.put(hash, number);
  if (auto status = parse(number, raw); !status) {
    messages_[number].valid = false;
    errors_.emplace_back(number, status.error().message);
  }
  return number;
}

Status ItemStore::parse(std::uint32_t number, std::string_view raw) {
  scratch_.clear();
  if (auto status = parser_.parse(messages_[number].shape, raw, scratch_); !status) return status;
  for (const Item& item : scratch_.items) {
    const std::span parts =
        std::span<const Part>(scratch_.parts).subspan(item.first_part, item.part_count);
    keys_.push_back(canonicalizer_.key(item, parts, calls_));
    message_of_item_.push_back(number);
  }
  messages_[number].item_count = static_cast<std::uint32_t>(scratch_.items.size());
  return {};
}

Result<std::uint32_t> ItemStore::add_text(std::string_view raw) {
  const Hash128 hash = hash_bytes(raw, kTextSeed);
  const std::uint32_t known = known_texts_.find(hash);
  if (known != HashIndex::kNone) return known;
  auto ref = texts_.append(raw);
  if (!ref) return ref.error();
  plain_.push_back(*ref);
  const auto number = static_cast<std::uint32_t>(plain_.size() - 1);
  known_texts_.put(hash, number);
  return number;
}

std::string_view ItemStore::error(std::uint32_t number) const {
  const auto found = std::find_if(errors_.begin(), errors_.end(),
                                  [number](const auto& error) { return error.first == number; });
  return found == errors_.end() ? std::string_view{} : found->second;
}

Status ItemStore::read_item(std::uint32_t item, LoadedTexts& loaded, ItemList& list) {
  const StoredMessage& message = messages_[message_of_item_[item]];
  auto raw = texts_.load(message.raw, loaded);
  if (!raw) return raw.error();
  const std::size_t items_before = list.items.size();
  if (auto status = parser_.parse(message.shape, *raw, list); !status) return status;
  // Only the wanted item stays; its parts keep their places.
  list.items[items_before] = list.items[items_before + (item - message.first_item)];
  list.items.resize(items_before + 1);
  return {};
}

Result<Hash128> ItemStore::joined_text_hash(std::span<const std::uint32_t> items) {
  LoadedTexts loaded;
  ItemList list;
  std::vector<Part> parts;
  for (const std::uint32_t item : items) {
    if (auto status = read_item(item, loaded, list); !status) return status.error();
    const Item& read = list.items.back();
    parts.insert(parts.end(), list.parts.begin() + read.first_part,
                 list.parts.begin() + read.first_part + read.part_count);
  }
  return canonicalizer_.text_hash(parts);
}

}  // namespace albicilla
