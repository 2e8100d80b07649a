// Properties of every assembler, on any bytes: the object is the same wherever the stream is cut
// and whether or not its events repeat each other; it is valid JSON that fits into a line, or there
// is none; the terminal event is seen at the same byte. The first byte picks the dialect, the
// second the size of the cuts.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "common/dialect/registry.h"
#include "common/json/scan.h"
#include "common/sse/sse_reader.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

constexpr std::array<std::string_view, 4> kDialects = {"openai_chat", "openai_responses",
                                                       "openai_completions", "anthropic_messages"};

std::optional<std::string> assemble_whole(const Dialect& dialect, std::string_view stream) {
  const auto assembler = dialect.assembler();
  SseEvent event;
  for (SseReader reader(stream); reader.next(event);) assembler->feed(event);
  return assembler->finish();
}

std::optional<std::string> assemble_cut(const Dialect& dialect, std::string_view stream,
                                        std::size_t step) {
  const auto assembler = dialect.assembler();
  SseParser parser;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    for (const SseEvent& event : parser.feed(stream.substr(at, step))) assembler->feed(event);
  }
  for (const SseEvent& event : parser.finish()) assembler->feed(event);
  return assembler->finish();
}

// With more and more spaces in front of the data no event repeats another one's bytes, so each is
// taken apart.
std::optional<std::string> assemble_apart(const Dialect& dialect, std::string_view stream) {
  const auto assembler = dialect.assembler();
  std::string spaces;
  SseEvent event;
  for (SseReader reader(stream); reader.next(event); spaces.push_back(' ')) {
    if (event.data != "[DONE]") event.data.insert(0, spaces);
    assembler->feed(event);
  }
  return assembler->finish();
}

bool terminal_in(const Dialect& dialect, std::string_view stream, std::size_t step) {
  TerminalScanner scanner(dialect);
  for (std::size_t at = 0; at < stream.size(); at += step) scanner.feed(stream.substr(at, step));
  return scanner.seen();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const Dialect& dialect = dialect_named(kDialects[bytes[0] % kDialects.size()]);
  const std::size_t step = bytes[1] % 32 + std::size_t{1};
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 2, size - 2);

  const auto whole = assemble_whole(dialect, stream);
  expect(whole == assemble_cut(dialect, stream, step));
  const bool has_texts = whole && whole->find("unassembled") != std::string::npos;
  if (!has_texts) expect(whole == assemble_apart(dialect, stream));
  if (whole) {
    const auto shape = check_json(*whole);
    expect(shape.has_value() || whole->size() > 2 * kMostJsonDepth);  // only depth may break it
  }
  expect(terminal_in(dialect, stream, stream.size() + 1) == terminal_in(dialect, stream, step));
  return 0;
}
