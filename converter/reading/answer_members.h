// An answer cut at its top-level members, and its choices at theirs, in the walk that checks its
// line: whoever wants to know what it says need not walk over it again.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "converter/reading/json_cursor.h"

namespace albicilla {

struct AnswerMember {
  RawString name;
  std::string_view value;  // raw
};

struct AnswerMembers {
  struct Choice {  // its members are [first, last) of choice_members
    std::size_t first = 0;
    std::size_t last = 0;
  };

  std::string_view text;              // all of it, whatever it is
  std::vector<AnswerMember> members;  // in their order; none when it is no object
  // The objects in the list "choices"; of several such lists the last counts.
  std::vector<Choice> choices;
  std::vector<AnswerMember> choice_members;

  void clear();
};

// Cuts the value that comes next. False when it is not valid JSON (the cursor has failed then).
bool slice_members(JsonCursor& cursor, AnswerMembers& answer);

}  // namespace albicilla
