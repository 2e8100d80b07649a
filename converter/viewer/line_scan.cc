#include "converter/viewer/line_scan.h"

#include <utility>

#include "converter/reading/json_text.h"
#include "converter/viewer/message_text.h"

namespace albicilla::viewer {
namespace {

constexpr std::size_t kSlots = std::size_t{1} << 19;
constexpr std::size_t kOpeningBytes = 160;
constexpr std::size_t kLatestBytes = 120;
// Hashes of messages that say nothing (pure reasoning) end in 0, all others in 1: whether a message
// belongs to the history's chain is then known without its text.
constexpr std::uint64_t kSpoken = 1;
constexpr std::uint64_t kOpening = 0x6f70656e696e67;  // marks a session whose opening was taken

std::uint64_t hash_pair(const HashKey& key, std::uint64_t a, std::uint64_t b) {
  const std::uint64_t pair[2] = {a, b};
  return keyed_hash(key, {reinterpret_cast<const char*>(pair), sizeof pair});
}

std::uint64_t hash_words(const HashKey& key, Role role, const MessageText& text) {
  const std::string_view spoken = strip_space(text.spoken);
  const std::string_view words = spoken.empty() ? strip_space(text.thought) : spoken;
  const std::uint64_t hash =
      hash_pair(key, keyed_hash(key, words), static_cast<std::uint64_t>(role));
  return spoken.empty() ? hash & ~kSpoken : hash | kSpoken;
}

std::string words_of(const RawMessage& message, std::size_t most) {
  return first_words(read_message_text(message.raw).spoken, most);
}

// First words of the last message of the request that says something. `read`: what the last one
// that is no system message says, when it was new and so read already.
std::string find_latest(const std::vector<RawMessage>& messages, std::size_t asked,
                        std::optional<std::string>& read) {
  for (std::size_t i = asked; i > 0; --i) {
    if (messages[i - 1].role == Role::system) continue;
    std::string words =
        read ? first_words(*read, kLatestBytes) : words_of(messages[i - 1], kLatestBytes);
    read.reset();
    if (!words.empty()) return words;
  }
  return {};
}

}  // namespace

LineScan::LineScan(HashKey key) : key_(key), seen_(kSlots) {}

LineScan::Told LineScan::take(const RawMessage& message, std::uint64_t session, bool answered,
                              LineEntry& entry, SaidWords& words_of_batch) {
  const std::uint64_t raw =
      hash_pair(key_, keyed_hash(key_, message.raw),
                day_hash_ ^ (static_cast<std::uint64_t>(message.role) << 1) ^ (answered ? 1U : 0U));
  const auto known = answered ? std::nullopt : seen_.words_of(raw);
  Told told;
  std::uint64_t words = known.value_or(0);
  MessageText said;
  if (!known) {
    said = read_message_text(message.raw);
    words = hash_words(key_, message.role, said);
    if (answered) entry.calls += said.calls;
    seen_.remember(raw, words);
  }
  if (!seen_.delivered(hash_pair(key_, words, session))) {
    MessageEntry found;
    found.hash = static_cast<std::int64_t>(words);
    found.role = message.role;
    found.answered = answered;
    found.offset = line_offset_ + static_cast<std::uint64_t>(message.raw.data() - line_.data());
    found.bytes = message.raw.size();
    const std::size_t spoken = said.spoken.size();
    said.spoken += said.thought;
    found.is_new = !said.spoken.empty();
    if (found.is_new) found.words = words_of_batch.add(said.spoken);
    entry.messages.push_back(std::move(found));
    said.spoken.resize(spoken);
  }
  if (!known && !answered) told.spoken_text = std::move(said.spoken);
  told.words = words;
  told.spoken = (words & kSpoken) != 0;
  return told;
}

Result<LineEntry> LineScan::scan(std::string_view line, std::uint64_t offset, std::string_view day,
                                 SaidWords& words) {
  auto facts = read_line_facts(line);
  if (!facts) return facts.error();
  line_ = line;
  line_offset_ = offset;
  day_hash_ = keyed_hash(key_, day) & ~std::uint64_t{0xF};
  LineEntry entry;
  entry.offset = offset;
  entry.bytes = line.size();
  const std::uint64_t session = keyed_hash(key_, facts->session) ^ day_hash_;
  std::uint64_t chain = 0;
  const std::vector<RawMessage> messages = std::exchange(facts->messages, {});
  std::optional<std::string> read_latest;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const bool answered = i >= facts->asked;
    Told told = take(messages[i], session, answered, entry, words);
    // Clients may put the system prompt behind the messages.
    if (!answered && messages[i].role != Role::system) read_latest = std::move(told.spoken_text);
    if (answered || !told.spoken || messages[i].role == Role::system) continue;
    chain = hash_pair(key_, chain, told.words);
    entry.prefix.push_back(static_cast<std::int64_t>(chain));
  }
  const std::size_t asked = facts->asked;
  entry.latest = find_latest(messages, asked, read_latest);
  // Once a session: the index keeps the first opening that it is given.
  if (!seen_.delivered(hash_pair(key_, session, kOpening))) {
    for (std::size_t i = 0; i < asked && entry.opening.empty(); ++i) {
      if (messages[i].role == Role::user) entry.opening = words_of(messages[i], kOpeningBytes);
    }
  }
  entry.facts = std::move(*facts);
  return entry;
}

}  // namespace albicilla::viewer
