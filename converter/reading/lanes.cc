#include "converter/reading/lanes.h"

#include <algorithm>
#include <utility>

namespace albicilla {

namespace {

constexpr std::size_t kMostLanes = 16;
constexpr std::size_t kMostTextsPerField = 4;

}  // namespace

void Lanes::clear() {
  clear_lanes();
  fields_.clear();
}

void Lanes::clear_lanes() {
  for (auto& lane : lanes_) spare_.push_back(std::move(lane));
  lanes_.clear();
  alive_.clear();
  loaded_.clear();
  clock_ = 0;
}

// Only texts that end by themselves can be recognised: behind the number 1 a 2 might follow.
bool Lanes::take(Result<std::string_view> known, JsonCursor& cursor) {
  if (!known || known->empty()) return false;
  const char first = known->front();
  return (first == '{' || first == '[' || first == '"') && cursor.skip_known(*known);
}

std::uint32_t Lanes::take_field(std::string_view name, JsonCursor& cursor) {
  for (const KnownField& field : fields_) {
    if (field.name != name) continue;
    for (const std::uint32_t text : field.texts) {
      const bool taken = take(store_->text(text, loaded_), cursor);
      loaded_.clear();
      if (taken) return text;
    }
  }
  return kUnknown;
}

void Lanes::remember_field(std::string_view name, std::uint32_t text) {
  auto field = std::find_if(fields_.begin(), fields_.end(),
                            [name](const KnownField& known) { return known.name == name; });
  if (field == fields_.end()) field = fields_.insert(field, {std::string(name), {}});
  std::erase(field->texts, text);
  field->texts.insert(field->texts.begin(), text);
  if (field->texts.size() > kMostTextsPerField) field->texts.pop_back();
}

std::uint32_t Lanes::take_element(std::size_t place, JsonCursor& cursor) {
  if (place == 0) {
    alive_.clear();
    for (const auto& lane : lanes_) alive_.push_back(lane.get());
    std::sort(alive_.begin(), alive_.end(),
              [](const Lane* a, const Lane* b) { return a->used > b->used; });
  }
  while (!alive_.empty()) {
    if (alive_.front()->messages.size() <= place) {
      alive_.erase(alive_.begin());
      continue;
    }
    const std::uint32_t number = alive_.front()->messages[place];
    const bool taken = take(store_->raw(number, loaded_), cursor);
    loaded_.clear();
    // Whoever has the same message here shares its fate.
    std::erase_if(alive_, [&](const Lane* lane) {
      const bool same = lane->messages.size() > place && lane->messages[place] == number;
      return same != taken;
    });
    if (taken) return number;
  }
  return kUnknown;
}

std::unique_ptr<Lanes::Lane> Lanes::fresh_lane(Api api) {
  if (spare_.empty()) return std::make_unique<Lane>(Lane{api, {*store_, *trie_}, {}, 0});
  auto lane = std::move(spare_.back());
  spare_.pop_back();
  lane->api = api;
  lane->path.reset(kRootNode);
  lane->messages.clear();
  return lane;
}

std::size_t Lanes::lane_to_replace() {
  if (lanes_.size() < kMostLanes) {
    lanes_.push_back(nullptr);
    return lanes_.size() - 1;
  }
  const auto oldest = std::min_element(
      lanes_.begin(), lanes_.end(), [](const auto& a, const auto& b) { return a->used < b->used; });
  return static_cast<std::size_t>(oldest - lanes_.begin());
}

Lanes::Lane& Lanes::lane_for(Api api, std::span<const std::uint32_t> messages,
                             std::uint32_t& shared) {
  Lane* best = nullptr;
  std::size_t most = 0;
  for (const auto& lane : lanes_) {
    if (lane->api != api) continue;
    const auto [mine, theirs] = std::mismatch(lane->messages.begin(), lane->messages.end(),
                                              messages.begin(), messages.end());
    const auto common = static_cast<std::size_t>(theirs - messages.begin());
    if (common > most || (common == most && best != nullptr && lane->used > best->used)) {
      most = common;
      best = lane.get();
    }
  }
  // A lane that would lose more than a reminder at its end goes on beside the new one.
  constexpr std::size_t kMostLost = 2;
  const bool forks = best == nullptr || best->messages.size() - most > kMostLost;
  if (forks) {
    auto fresh = best != nullptr ? std::make_unique<Lane>(*best) : fresh_lane(api);
    auto& slot = lanes_[lane_to_replace()];
    slot = std::move(fresh);
    best = slot.get();
  }
  shared = static_cast<std::uint32_t>(most);
  best->used = ++clock_;
  best->path.cut(shared);
  best->messages.assign(messages.begin(), messages.end());
  return *best;
}

}  // namespace albicilla
