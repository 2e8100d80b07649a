#include "converter/format/two_speakers.h"

#include <algorithm>

namespace albicilla {

void check_turns(RowCheck& check, const SpeakerNames& names, Callback<std::string_view> message) {
  std::size_t count = 0;
  check.array([&](std::size_t place) {
    message(place % 2 == 0 ? "user" : names.assistant);
    ++count;
  });
  if (count >= 2 && count % 2 == 0) return;
  const std::string assistant(names.assistant);
  check.fail("must go user, " + assistant + ", ..., " + assistant);
}

}  // namespace albicilla
