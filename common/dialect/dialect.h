// What we know of one API shape: which requests speak it, how its streams end, how a stream becomes
// the object that the same API would have answered without streaming, where model, id and usage
// stand. Stateless descriptors in a plain array (registry.h); an unknown path is `passthrough`.
// Pure: no I/O and no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/sse/sse_parser.h"

namespace albicilla {

// Whose error shape a path's clients expect.
enum class ErrorShape { openai, anthropic };

struct Usage {
  enum class Source { unknown, exact, estimated };
  Source source = Source::unknown;
  std::optional<std::uint64_t> input_tokens;
  std::optional<std::uint64_t> output_tokens;
  std::optional<std::uint64_t> total_tokens;
  std::optional<std::uint64_t> cached_tokens;
  std::optional<std::uint64_t> reasoning_tokens;
  bool operator==(const Usage&) const = default;
};

// What a response object says of itself; empty and unknown where it does not.
struct ResponseFacts {
  std::string id;
  std::string model;
  Usage usage;
  // An Anthropic message without its stop reason: its usage is the stream's first guess.
  bool stopped_early = false;
};

// is_terminal looks at no more than this many bytes of an event's data, so that a scanner need not
// keep more.
inline constexpr std::size_t kTerminalPrefix = 128;

// Puts one stream together. One object per stream; not thread safe.
class StreamAssembler {
 public:
  virtual ~StreamAssembler() = default;
  virtual void feed(const SseEvent& event) = 0;
  // The assembled object as JSON text in the dialect's non-stream shape, or nullopt when the events
  // do not make one (the raw text is logged then). Call once.
  virtual std::optional<std::string> finish() = 0;
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view name() const = 0;  // the word in exchange.dialect
  virtual ErrorShape error_shape() const = 0;
  // Generating calls need a session (SPEC.md, Sessions).
  virtual bool generates() const = 0;
  // True when this event is the stream's last one for its clients ("[DONE]", message_stop,
  // response.completed ...): they hang up right after it.
  virtual bool is_terminal(const SseEvent& event) const = 0;
  // nullptr: streams of this dialect are logged as text.
  virtual std::unique_ptr<StreamAssembler> assembler() const = 0;
  // From the response object's JSON text (plain or assembled).
  virtual ResponseFacts response_facts(std::string_view response_json) const = 0;
};

}  // namespace albicilla
