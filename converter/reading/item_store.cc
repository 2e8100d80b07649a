#include "converter/reading/item_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "converter/reading/item_form.h"

namespace albicilla {

namespace {

constexpr std::uint64_t kMessageSeed = 0x100;
constexpr std::uint64_t kTextSeed = 0x200;

constexpr std::size_t kSample = 20;  // bytes; three of them are one step of the hash
constexpr std::size_t kLong = 3 * kSample;

// Of a long text its size and some of its bytes: those that are equal here are compared.
Hash128 sample_hash(std::string_view text, std::uint64_t seed) {
  if (text.size() <= kLong) return hash_bytes(text, seed);
  char sample[kLong];
  std::memcpy(sample, text.data(), kSample);
  std::memcpy(sample + kSample, text.data() + text.size() / 2, kSample);
  std::memcpy(sample + 2 * kSample, text.data() + text.size() - kSample, kSample);
  return hash_bytes({sample, sizeof sample}, seed ^ text.size() << 16);
}

// A text part without raw text of its own has nothing but its text, which stands in the message.
bool is_one_text(const ItemList& list) {
  if (list.items.size() != 1) return false;
  const Item& item = list.items.front();
  if (item.part_count != 1 || !item.name.body.empty() || !item.result_for.body.empty()) {
    return false;
  }
  const Part& part = list.parts[item.first_part];
  return part.kind == PartKind::text && part.raw.empty() && !item.is_error;
}

void add_plain_item(const StoredMessage::PlainText& plain, std::string_view raw, ItemList& list) {
  Item& item = list.items.emplace_back();
  item.role = plain.role;
  item.first_part = static_cast<std::uint32_t>(list.parts.size());
  item.part_count = 1;
  list.parts.emplace_back().text = {raw.substr(plain.at, plain.size), plain.escaped,
                                    plain.canonical};
}

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

// What fits the second-level cache stays.
bool ItemStore::is_large() const {
  constexpr std::size_t kMostBytes = std::size_t{96} << 10;
  return texts_.size() > kMostBytes;
}

Result<std::uint32_t> ItemStore::add(Shape shape, std::string_view raw, const KnownText& known) {
  const std::uint64_t seed = kMessageSeed + static_cast<std::uint64_t>(shape);
  Hash128 hash = sample_hash(raw, seed);
  std::uint32_t earlier = known_.find(hash);
  if (earlier != HashIndex::kNone && raw.size() > kLong) {
    LoadedTexts loaded;
    const auto text = texts_.load(messages_[earlier].raw, loaded);
    if (!text) return text.error();
    if (*text != raw) {  // only the sample is the same
      hash = hash_bytes(raw, seed);
      earlier = known_.find(hash);
    }
  }
  if (earlier != HashIndex::kNone) return earlier;
  const auto number = static_cast<std::uint32_t>(messages_.size());
  StoredMessage message;
  message.first_item = static_cast<std::uint32_t>(keys_.size());
  message.shape = shape;
  forms_.clear();
  if (auto status = parse(message, number, raw, known); !status) {
    message.valid = false;
    errors_.emplace_back(number, status.error().message);
  }
  auto ref = texts_.append(raw, forms_);
  if (!ref) return ref.error();
  message.raw = *ref;
  messages_.push_back(message);
  known_.put(hash, number);
  return number;
}

Status ItemStore::parse(StoredMessage& message, std::uint32_t number, std::string_view raw,
                        const KnownText& known) {
  scratch_.clear();
  if (auto status = parser_.parse(message.shape, raw, scratch_, known); !status) return status;
  for (const Item& item : scratch_.items) {
    const std::span parts =
        std::span<Part>(scratch_.parts).subspan(item.first_part, item.part_count);
    keys_.push_back(canonicalizer_.key(item, parts, calls_));
    message_of_item_.push_back(number);
  }
  message.item_count = static_cast<std::uint32_t>(scratch_.items.size());
  keep_items(message, raw);
  return {};
}

void ItemStore::keep_items(StoredMessage& message, std::string_view raw) {
  if (is_one_text(scratch_)) {
    const Item& item = scratch_.items.front();
    const RawString& text = scratch_.parts[item.first_part].text;
    message.is_plain = true;
    message.plain = {static_cast<std::uint32_t>(text.body.data() - raw.data()),
                     static_cast<std::uint32_t>(text.body.size()), item.role, text.escaped,
                     text.canonical};
    return;
  }
  append_item_forms(forms_, raw, scratch_);
  message.form_size = static_cast<std::uint32_t>(forms_.size());
}

Result<std::uint32_t> ItemStore::add_text(std::string_view raw) {
  const Hash128 hash = hash_bytes(raw, kTextSeed);
  const std::uint32_t known = known_texts_.find(hash);
  if (known != HashIndex::kNone) return known;
  const auto number = add_own_text(raw);
  if (number) known_texts_.put(hash, *number);
  return number;
}

Result<std::uint32_t> ItemStore::add_own_text(std::string_view raw) {
  const auto ref = texts_.append(raw, {});
  if (!ref) return ref.error();
  plain_.push_back(*ref);
  return static_cast<std::uint32_t>(plain_.size() - 1);
}

std::string_view ItemStore::error(std::uint32_t number) const {
  const auto found = std::find_if(errors_.begin(), errors_.end(),
                                  [number](const auto& error) { return error.first == number; });
  return found == errors_.end() ? std::string_view{} : found->second;
}

Status ItemStore::read_item(std::uint32_t item, LoadedTexts& loaded, ItemList& list) {
  const StoredMessage& message = messages_[message_of_item_[item]];
  const std::uint32_t place = item - message.first_item;
  TextRef both = message.raw;
  both.size += message.form_size;
  auto text = texts_.load(both, loaded);
  if (!text) return text.error();
  const std::string_view raw = text->substr(0, message.raw.size);
  if (message.is_plain) {
    add_plain_item(message.plain, raw, list);
    return {};
  }
  if (message.form_size > 0) {
    read_item_form(raw, text->substr(raw.size()), place, list);
    return {};
  }
  const std::size_t items_before = list.items.size();
  if (auto status = parser_.parse(message.shape, raw, list); !status) return status;
  // Only the wanted item stays; its parts keep their places.
  list.items[items_before] = list.items[items_before + place];
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
