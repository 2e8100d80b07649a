#include "common/session/session_sink.h"

#include "common/base/digest.h"

namespace albicilla {

std::uint32_t sink_of_session(std::string_view session_id, SessionSource source,
                              std::uint32_t sinks) {
  const bool named = source == SessionSource::header || source == SessionSource::x_session_id ||
                     source == SessionSource::client_header;
  if (sinks < 2 || !named) return 0;
  const Digest digest = sha256(session_id);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | digest[i];
  return static_cast<std::uint32_t>(number % sinks);
}

}  // namespace albicilla
