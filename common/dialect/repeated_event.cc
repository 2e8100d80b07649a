#include "common/dialect/repeated_event.h"

#include <algorithm>

#include "common/json/scan.h"

namespace albicilla {

namespace {

// The string with its quotes, or the digits, at the start of `text`; empty when there is neither.
std::string_view word_at(std::string_view text) {
  if (text.starts_with('"')) {
    const std::size_t size = json_string_size(text);
    return text.substr(0, size);
  }
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return text.substr(0, digits);
}

}  // namespace

void EventWords::joined(std::string_view raw, GrowingValue& value) {
  // Joining to anything but a string makes an element of its own each time.
  if (value.kind() != JsonKind::string) return once();
  words_.push_back({raw, &value, Effect::join});
}

void EventWords::replaced(std::string_view raw, GrowingValue& value) {
  words_.push_back({raw, &value, Effect::replace});
}

void EventWords::ignored(std::string_view raw) { words_.push_back({raw, nullptr, Effect::ignore}); }

void grow_text(GrowingValue& value, std::string_view raw, EventWords& words) {
  value.grow(raw);
  if (json_kind(raw) == JsonKind::string) {
    words.joined(raw, value);
  } else if (raw != "null") {
    words.once();
  }
}

bool RepeatedEvent::matches(const Sentence& sentence, const SseEvent& event) {
  std::string_view data = event.data;
  std::string_view text = sentence.text;
  words_.clear();
  for (const Gap& gap : sentence.gaps) {
    if (!data.starts_with(text.substr(0, gap.before))) return false;
    data.remove_prefix(gap.before);
    text.remove_prefix(gap.before);
    const std::string_view word = word_at(data);
    if (word.empty()) return false;
    if (gap.effect == EventWords::Effect::join && !word.starts_with('"')) return false;
    words_.push_back(word);
    data.remove_prefix(word.size());
  }
  return data == text && event.name == sentence.name &&
         std::all_of(words_.begin(), words_.end(),
                     [](std::string_view word) { return check_json(word).has_value(); });
}

bool RepeatedEvent::feed(const SseEvent& event) {
  for (const Sentence& sentence : sentences_) {
    if (sentence.gaps.empty() || !matches(sentence, event)) continue;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const Gap& gap = sentence.gaps[i];
      if (gap.effect == EventWords::Effect::replace) gap.value->set(words_[i]);
      if (gap.effect == EventWords::Effect::join) gap.value->append_inside(json_inside(words_[i]));
    }
    return true;
  }
  return false;
}

void RepeatedEvent::learn(const SseEvent& event, EventWords&& words) {
  if (!words.repeatable_) {
    for (Sentence& sentence : sentences_) sentence.gaps.clear();
    return;
  }
  if (words.words_.empty()) return;
  std::sort(words.words_.begin(), words.words_.end(),
            [](const auto& a, const auto& b) { return a.raw.data() < b.raw.data(); });
  Sentence& sentence = sentences_[oldest_];
  oldest_ = (oldest_ + 1) % sentences_.size();
  sentence.name = event.name;
  sentence.text.clear();
  sentence.gaps.clear();
  const char* at = event.data.data();
  for (const EventWords::Word& word : words.words_) {
    const auto before = static_cast<std::size_t>(word.raw.data() - at);
    sentence.text.append(at, before);
    sentence.gaps.push_back({before, word.value, word.effect});
    at = word.raw.data() + word.raw.size();
  }
  sentence.text.append(at, static_cast<std::size_t>(event.data.data() + event.data.size() - at));
}

}  // namespace albicilla
