#include "converter/viewer/said_words.h"

#include "converter/viewer/words.h"

namespace albicilla::viewer {

WordSpan SaidWords::add(std::string_view text) {
  ++texts_;
  WordSpan span{static_cast<std::uint32_t>(numbers_.size()), 0};
  WordSplitter splitter(text);
  WordSplitter::Word word;
  while (splitter.next(word)) {
    if (const auto number = table_.number_once(word, texts_)) numbers_.push_back(*number);
  }
  span.count = static_cast<std::uint32_t>(numbers_.size()) - span.begin;
  return span;
}

}  // namespace albicilla::viewer
