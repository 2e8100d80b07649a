// Which API's words a request body uses, seen from its members alone. Private to this room.
#pragma once

#include <string_view>

namespace albicilla {

struct BodyShape {
  bool messages = false;
  bool responses_words = false;  // `input` or others that only the Responses API has
  bool anthropic_words = false;  // top-level `system`, tools with `input_schema` ...
};

// One walk over the top-level members and the first tool; never into `messages`, which may be many
// megabytes.
BodyShape shape_of_body(std::string_view body);

}  // namespace albicilla
