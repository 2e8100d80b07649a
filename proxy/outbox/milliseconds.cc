#include "proxy/outbox/milliseconds.h"

#include <algorithm>
#include <cstdint>

namespace albicilla {

std::string milliseconds(Microseconds duration) {
  const std::int64_t count = std::max<std::int64_t>(duration.count(), 0);
  std::string text = std::to_string(count / 1000);
  if (count % 1000 == 0) return text;
  text += '.';
  for (const std::int64_t unit : {100, 10, 1}) {
    text += static_cast<char>('0' + count / unit % 10);
  }
  text.resize(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace albicilla
