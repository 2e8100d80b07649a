// The words of a message, whatever API it belongs to: every string that somebody said, without ids,
// types, signatures and inline files. What the search indexes, and what recognises a message that
// comes again in other spelling. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace albicilla::viewer {

// Longer texts are indexed up to here.
inline constexpr std::size_t kMostMessageText = std::size_t{4} << 20;

struct MessageText {
  std::string spoken;     // pieces joined with '\n'
  std::string thought;    // reasoning: searched, but no part of what recognises a message
  std::size_t calls = 0;  // tools that this message calls
};

// `raw` is a message object, a content array or a string, as JSON text. What cannot be read is left
// out.
MessageText read_message_text(std::string_view raw);

// What a person would take for the beginning of the conversation: without the blocks that agents
// put in front (`<system-reminder>…</system-reminder>` and the like), one line, at most `most`
// bytes, cut between characters. Empty when nothing else is there.
std::string first_words(std::string_view text, std::size_t most);

}  // namespace albicilla::viewer
