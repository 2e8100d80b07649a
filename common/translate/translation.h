// A pair of dialects: takes a client's request in one API's words and says it in the other's, and
// brings the answer back, plain or streamed. Stateless and pure: no I/O, no clock, no randomness
// (both come in as arguments), so one object serves every exchange of every worker. What the other
// API cannot say is refused with a clear client error or, for hints that do not change the answer's
// content, dropped with a note; nothing is dropped silently. README.md has the mapping table.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/http/headers.h"

namespace albicilla {

// What the answer's translation must remember of the request. The caller keeps it with the
// exchange.
struct AnswerTerms {
  std::string model;       // as the client named it; answers carry it when the upstream is mute
  bool streaming = false;  // the client asked for an event stream
  bool usage_in_stream = true;  // the client wants usage in the stream (OpenAI's include_usage)
  std::string fallback_id;      // for answers without an id; the exchange id's hex will do
  std::int64_t created = 0;     // seconds since 1970, for OpenAI's `created`
  bool operator==(const AnswerTerms&) const = default;
};

struct TranslatedRequest {
  std::string body;  // JSON text for the upstream
  AnswerTerms terms;
  // One line for everything that was dropped or approximated, for the log and for whoever debugs:
  // "top_k: dropped, the upstream's API has none".
  std::vector<std::string> notes;
};

struct TranslatedResponse {
  std::uint16_t status = 0;  // the upstream's, or 502 when its answer makes no sense
  std::string content_type;  // "application/json", or "text/event-stream" when a plain answer had
                             // to be given to a client that asked for a stream
  std::string body;
  std::string error;  // why a 200 was turned into a 502, else empty; one line for the log
};

// Translates one event stream. Belongs to one exchange; not thread safe.
class StreamTranslator {
 public:
  virtual ~StreamTranslator() = default;
  // Takes the next bytes of the upstream's stream (content decoded), cut anywhere, and returns the
  // bytes for the client that they complete, possibly none. Where the bytes were cut changes
  // nothing in the sum of what is returned.
  virtual std::string feed(std::string_view bytes) = 0;
  // The upstream's stream has ended. Returns what was held back; a stream that ended before its
  // end closes with an error event, so that no client takes it for whole. Call once.
  virtual std::string finish() = 0;
  // The client's terminal event (message_stop, [DONE]) has been returned. While it is false after
  // finish(), the answer was not whole: break the client's stream off as the upstream did.
  virtual bool ended_well() const = 0;
  // Bytes that keep an impatient client waiting while the upstream is silent; may be sent between
  // any two feeds, never after the end. They mean nothing and need not be captured.
  virtual std::string keep_alive() const = 0;
};

// Implementations are immutable and thread safe.
class Translation {
 public:
  virtual ~Translation() = default;
  // "anthropic_to_openai_chat"; goes into logs and metrics.
  virtual std::string_view name() const = 0;
  virtual std::string_view client_dialect() const = 0;    // Dialect::name()
  virtual std::string_view upstream_dialect() const = 0;  // Dialect::name()
  // Where the upstream takes the translated request: "/v1/chat/completions". No query.
  virtual std::string_view upstream_path() const = 0;

  // The client's headers for the upstream: the credential moves to where the other API looks for it
  // (one only), headers of the client's API alone are removed, those that the upstream's API needs
  // are set. Framing and Host stay the caller's. Asks for an uncompressed answer.
  virtual Headers request_headers(const Headers& client) const = 0;
  // The upstream's headers for the client, without Content-Length, Content-Encoding and
  // Content-Type, which follow the translated body.
  virtual Headers response_headers(const Headers& upstream) const = 0;

  // `body` is the request's JSON text, content decoded. An error's fault is `client` (answer 400
  // with error_body). Sets terms.model, .streaming and .usage_in_stream; the rest is the caller's.
  virtual Result<TranslatedRequest> request(std::string_view body) const = 0;
  // A whole answer that is not an event stream; errors of the upstream keep their status.
  virtual TranslatedResponse response(const AnswerTerms& terms, std::uint16_t status,
                                      std::string_view body) const = 0;
  // For an answer of status 200 and content type text/event-stream.
  virtual std::unique_ptr<StreamTranslator> stream(const AnswerTerms& terms) const = 0;
  // An error of our own in the client's shape.
  virtual std::string error_body(std::uint16_t status, std::string_view message) const = 0;
};

}  // namespace albicilla
