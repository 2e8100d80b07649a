// What a request asks of the mock provider besides its API: how many events, how fast, where to
// break off. Given in the `x-mock` header, as `[[mock events=40 interval_ms=100]]` anywhere in the
// body, or in the model's name (`mock-tools`), so that every real SDK can send them.
// README.md lists the words. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace albicilla::mock {

struct Directives {
  unsigned status = 200;
  std::optional<std::string> retry_after;     // value of the header, seconds
  std::optional<std::string> retry_after_ms;  // value of the header
  std::chrono::milliseconds delay{0};         // before the head
  std::chrono::milliseconds interval{0};      // before each event of a stream
  std::chrono::milliseconds linger{0};        // between the last event and the end of the body
  std::uint64_t events = 4;                   // content deltas of a stream
  std::uint64_t event_bytes = 0;              // text of one delta; 0: a word
  std::uint64_t body_bytes = 0;               // text of a plain answer; 0: a sentence
  std::uint64_t tools = 0;                    // parallel tool calls
  std::uint64_t choices = 1;
  std::uint64_t dribble = 0;                   // body bytes per write; 0: one event per write
  std::optional<std::uint64_t> cut_after;      // events (stream) or body bytes (plain), then FIN
  std::optional<std::uint64_t> reset_after;    // the same, then RST
  std::optional<std::uint64_t> error_after;    // events, then an error inside the stream
  std::optional<std::uint64_t> until_attempt;  // `status` only below this x-stainless-retry-count
  bool drop = false;                           // close without a byte
  bool bad_json = false;                       // an answer (an event) that is not JSON
  bool no_done = false;                        // the stream ends without its terminal event
  bool crlf = false;                           // event lines end with CRLF
  bool batch = false;                          // events without interval are written together
  bool close = false;                          // Connection: close after the answer
  bool until_close = false;                    // neither Content-Length nor chunked
  bool reasoning = false;                      // reasoning before the text
  bool refusal = false;                        // refuses instead of answering
  bool logprobs = false;
  bool echo_body = false;         // unknown paths: the request's bytes instead of a description
  bool chunked = false;           // a plain answer without Content-Length
  bool trailers = false;          // a field behind a chunked body
  std::uint64_t early_hints = 0;  // interim answers 103 before the head
  std::string encoding;           // of the body: gzip, deflate, br, zstd
  std::string marker;             // echoed in the content; empty: none was given

  // Adds `name`, `name=value` words separated by blanks or commas. Returns the first word that is
  // not known, empty when all are.
  std::string add(std::string_view words);
  // Adds what a model's name asks for: "mock-tools", "mock-slow", "mock-reasoning" ...
  void add_model(std::string_view model);
  // Adds the last `[[mock …]]` and the last `[[marker …]]` of a body.
  std::string add_text(std::string_view body);
};

// Letters, digits and `._:-`, at most 128: a marker needs no escaping anywhere.
bool is_marker(std::string_view text);

}  // namespace albicilla::mock
