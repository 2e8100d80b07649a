// How an upstream's answer is written to the client: the head with only the hop's own fields
// changed, and the body in the upstream's own framing, chunk borders kept. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http/message.h"
#include "proxy/traffic/http_parser.h"

namespace albicilla {

enum class BodyFraming {
  none,   // HEAD, 204, 304, Content-Length: 0
  sized,  // Content-Length
  chunked,
  until_close,  // the end of the connection ends the body
};

struct AnswerFraming {
  BodyFraming from = BodyFraming::none;  // as the upstream frames it
  BodyFraming to = BodyFraming::none;    // as the client gets it: HTTP/1.0 knows no chunks
  bool keep_alive = true;                // the client's connection goes on behind it
  int client_minor_version = 1;
  bool upgrade = false;  // a 101: the fields that say so belong to it
};

void append_answer_head(std::string& out, const ResponseHead& head, const AnswerFraming& framing);

// Slices as chunks, with the borders that they came with.
void append_chunks(std::string& out, const std::vector<BodySlice>& slices);
// The bytes alone.
void append_plain(std::string& out, const std::vector<BodySlice>& slices);
// The last chunk with those trailers that may be forwarded.
void append_last_chunk(std::string& out, const Headers& trailers);

}  // namespace albicilla
