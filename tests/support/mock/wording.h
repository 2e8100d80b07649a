// What the mock says in one turn, the same in all dialects and the same for the same request, with
// characters of one to four bytes so that cuts hit the middle of one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/mock/ask.h"
#include "tests/support/mock/script.h"

namespace albicilla::mock {

struct Turn {
  std::string reasoning;
  std::string refusal;             // instead of all else
  std::vector<std::string> words;  // deltas of the text
  std::vector<ToolCall> calls;
  bool failed_inside = false;  // an error follows the last word

  std::string text() const;
  // What the turn adds up to for an oracle: its text, then the arguments of its calls.
  std::string sum() const;
};

// A plain answer has one word, the text; a stream as many as the directives ask for.
Turn turn_of(const Ask& ask);

// "an answer of N tokens to so many bytes" in numbers that are made up but steady.
struct Tokens {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t reasoning = 0;
};
Tokens tokens_of(const Ask& ask, const Turn& turn);

// Cuts a text in pieces of about `size` bytes, never inside a character.
std::vector<std::string> pieces_of(std::string_view text, std::size_t size);

}  // namespace albicilla::mock
