// An upstream's answer on its way to a client of another API: events go on as they come, anything
// else is gathered and translated as a whole. Pure: bytes in, bytes out; the relay does the
// sending.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/http/message.h"
#include "proxy/traffic/planned_translation.h"

namespace albicilla {

class TranslatedAnswer {
 public:
  // `planned` must outlive it. An answer of more than `most_bytes` that must be gathered is an
  // error.
  TranslatedAnswer(const PlannedTranslation& planned, const ResponseHead& upstream,
                   std::size_t most_bytes);

  // The client's head is known before the upstream's body is whole.
  bool streams() const { return streams_; }
  // What the client's answer begins with; without the fields that frame it. When it does not
  // stream: after finish().
  ResponseHead& head() { return head_; }

  // The upstream's next body bytes; gives those for the client.
  std::string feed(std::string_view bytes);
  // The upstream's body is whole, or has broken off; gives what is left for the client.
  std::string finish();

  // Call after finish(): the client got all that its API promises.
  bool ended_well() const { return ended_well_; }
  // Why not, or why the answer became an error of ours; one line, empty when all is well.
  const std::string& error() const { return error_; }
  // The upstream's body with its content decoded, as far as it was gathered; empty when it streams.
  std::string_view gathered() const { return gathered_; }

  // For a client that waits: bytes without a meaning. Empty while there can be none.
  std::string keep_alive() const;

 private:
  std::string finish_events();
  void set_content_type(std::string_view type);

  const PlannedTranslation& planned_;
  const std::size_t most_bytes_;
  const std::uint16_t status_;
  std::string coding_;
  bool is_events_ = false;
  bool streams_ = false;
  bool too_large_ = false;
  bool ended_well_ = false;
  ResponseHead head_;
  std::string gathered_;
  std::string error_;
  std::unique_ptr<StreamTranslator> stream_;
};

}  // namespace albicilla
